// `npm run soak`: see options.mjs. Prints what happens on standard error and the verdict on standard output; exit status 1: a violation.

import { testbedProblem } from '../../bench/testbed.mjs';
import { readOptions, USAGE } from './options.mjs';
import { soak } from './soak.mjs';

/** Of each kind of thing that is told. */
const TOLD_MAX = 20;

/** @param {string} text @returns {never} */
function fail(text) {
  process.stderr.write(`soak: ${text}\n`);
  process.exit(2);
}

function options() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

const { json, ...chosen } = options();
const problem = testbedProblem();
if (problem !== undefined) fail(problem);
process.stderr.write(`soak: ${JSON.stringify(chosen)}\n`);
const result = await soak(chosen, (what) => process.stderr.write(`${what}\n`));
const { violations, excused, ok, folder, ...figures } = result;
if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${JSON.stringify(value)}\n`);
  tell('given up by the documented rule of merges', excused);
  tell('VIOLATION', violations);
  process.stdout.write(ok ? 'nothing lost\n' : `${violations.length} violations; logs: ${folder}\n`);
}
process.exitCode = ok ? 0 : 1;

/** @param {string} kind @param {string[]} all */
function tell(kind, all) {
  for (const each of all.slice(0, TOLD_MAX)) process.stdout.write(`${kind}: ${each}\n`);
  if (all.length > TOLD_MAX) process.stdout.write(`… and ${all.length - TOLD_MAX} more\n`);
}
