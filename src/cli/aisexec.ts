#!/usr/bin/env node
import { aisexecCommand } from './aisexec-command.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

run(aisexecCommand(processTerminal), process.argv.slice(2), processTerminal).then((status) => {
  process.exitCode = status;
});
