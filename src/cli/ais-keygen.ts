#!/usr/bin/env node
import { keygenCommand } from './keygen.js';
import { packageVersion } from './package-version.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

run(
  keygenCommand('ais-keygen', processTerminal).version(packageVersion()),
  process.argv.slice(2),
  processTerminal,
).then((status) => {
  process.exitCode = status;
});
