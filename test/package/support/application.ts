/** An empty folder in which somebody uses the package. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, npm, runProgram } from './npm.js';

const execute = promisify(execFile);

export class Application {
  readonly folder = mkdtempSync(join(tmpdir(), 'openais-application-'));
  readonly #node: string;
  /** Nothing but Node is found: no compiler, no Python. */
  readonly #env: NodeJS.ProcessEnv;

  constructor(node = process.execPath) {
    const path = join(this.folder, 'path');
    mkdirSync(path);
    symlinkSync(node, join(path, 'node'));
    this.#node = node;
    this.#env = cleanEnvironment({ PATH: path });
    writeFileSync(
      join(this.folder, 'package.json'),
      '{ "name": "application", "version": "1.0.0", "private": true }\n',
    );
    cpSync(join(import.meta.dirname, '../consumer'), this.folder, { recursive: true });
  }

  /** The installed package. */
  get package(): string {
    return join(this.folder, 'node_modules', 'openais');
  }

  npm(...args: string[]): string {
    return npm(args, { cwd: this.folder, node: this.#node, env: this.#env });
  }

  /** A program of this folder, or a command of the package, by its name. */
  run(program: string, ...args: string[]): string {
    const path = program.includes('.')
      ? join(this.folder, program)
      : join(this.folder, 'node_modules', '.bin', program);
    const [command, words] = program.includes('.') ? [this.#node, [path, ...args]] : [path, args];
    return runProgram(command, words, { cwd: this.folder, env: this.#env });
  }

  /** The same of a program of this folder, while this process goes on. */
  async start(program: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await execute(this.#node, [program, ...args], { cwd: this.folder, env: this.#env });
    return `${stdout}${stderr}`;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
