// clang-format over native/ with .clang-format: `--dry-run -Werror` to check, `-i` to rewrite. Without the tool it says
// so and passes: the formatting of C++ is no reason why a checkout should not work.

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './digest.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = ['clang-format', 'clang-format-14'].find((name) => spawnSync(name, ['--version']).status === 0);

if (tool) {
  const files = filesBelow(join(root, 'native'), ['.cc', '.hpp']);
  process.exitCode = spawnSync(tool, [...process.argv.slice(2), ...files], { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  process.stderr.write('openais: clang-format is missing, the format of native/ is not looked at\n');
}
