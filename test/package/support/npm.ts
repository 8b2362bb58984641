/** npm as a user runs it: by the Node that is to be tested, and without what an npm around this test has set. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What `npm test` tells its scripts is no business of the npm below it. */
export function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|userconfig|cache)$)|(INIT_CWD|NODE_OPTIONS|CXX)$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...more };
}

const npmScript = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : findNpm();

function findNpm(): string {
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  return join(modules, 'npm', 'bin', 'npm-cli.js');
}

export interface Place {
  readonly cwd: string;
  /** The Node that runs npm. */
  readonly node?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** All that it says. @throws {Error} with that, if it fails. */
export function npm(
  args: readonly string[],
  { cwd, node = process.execPath, env = cleanEnvironment() }: Place,
): string {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--prefer-offline'];
  return runProgram(node, [npmScript, ...args, ...quiet], { cwd, env });
}

/** Standard output and standard error. @throws {Error} with both, if it fails. */
export function runProgram(program: string, args: readonly string[], { cwd, env = cleanEnvironment() }: Place): string {
  const bound = 64 * 1024 * 1024;
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: bound,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}:\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}
