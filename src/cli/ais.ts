#!/usr/bin/env node
import { program } from './program.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

run(program(processTerminal), process.argv.slice(2), processTerminal).then((status) => {
  process.exitCode = status;
});
