#!/usr/bin/env node
import { program } from './program.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

// Who reads no more has what they wanted: `ais evt subscribe news | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

run(program(processTerminal), process.argv.slice(2), processTerminal).then((status) => {
  process.exitCode = status;
});
