/** `npm run sim`: docs/SIMULATOR.md. */
import { runCommand } from './command.js';

process.exitCode = await runCommand(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
});
