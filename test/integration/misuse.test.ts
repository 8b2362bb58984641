import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testbedProblem } from '../../bench/testbed.mjs';

/** Shares of what runs longer by hand: `npm run fuzz -- ipc`, `npm run bench -- backpressure`. */
const root = join(import.meta.dirname, '../..');

function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
}

test('Hostile frames and calls get clear errors, leave nothing behind, and disturb nobody', () => {
  run('--expose-gc', 'test/misuse/run.mjs', '--count', '3000', '--from', `${1 + Math.floor(Math.random() * 2 ** 31)}`);
});

test.skipIf(testbedProblem() !== undefined)(
  'A client that reads now and then loses nothing, and costs nobody more than its bounds',
  () => {
    run('bench/run.mjs', 'backpressure', '--seconds', '4', '--size', '512');
  },
);
