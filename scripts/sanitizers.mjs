// npm run test:sanitizers: the C++ tests under AddressSanitizer with UndefinedBehaviorSanitizer, and under
// ThreadSanitizer.

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const named = process.argv.slice(2);

for (const preset of named.length > 0 ? named : ['asan', 'tsan']) {
  process.stdout.write(`${preset}\n`);
  const jobs = String(availableParallelism());
  const steps = /** @type {Array<[string, string[]]>} */ ([
    ['cmake', ['--preset', preset]],
    ['cmake', ['--build', '--preset', preset, '--target', 'native_tests', '-j', jobs]],
    [join(root, `build-${preset}`, 'native_tests'), []],
  ]);
  for (const [command, args] of steps) {
    const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  }
}
