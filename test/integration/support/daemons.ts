/** aisexec and ais as they are installed: processes, files, signals, in a folder of their own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPort } from '../../../src/cli/demo/loopback.js';
import { fetchStatus } from '../../../src/ipc/status.js';
import type { Status } from '../../../src/observe/status.js';

const cli = join(import.meta.dirname, '../../../dist/cli');
const LIMIT_MS = 20_000;

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

export class DaemonProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stderr = '';

  constructor(file: string, environment: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [join(cli, 'aisexec.js'), '-c', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.child.stderr!.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (status) => resolve({ status, stderr: this.#stderr }));
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

export class Daemons {
  readonly folder = mkdtempSync(join(tmpdir(), 'openais-'));
  readonly #all: DaemonProcess[] = [];
  #port: number | undefined;

  constructor() {
    this.ais('keygen', '-k', join(this.folder, 'authkey'));
  }

  /** The operator's tool, to its end. */
  ais(...args: string[]) {
    return spawnSync(process.execPath, [join(cli, 'ais.js'), ...args], { encoding: 'utf8' });
  }

  /** Of the executive whose file has this name. */
  socket(name = 'ais'): string {
    return join(this.folder, `${name}.sock`);
  }

  /** A configuration on a loopback address; `more` goes to the end of the file. */
  async writeConfig(address: string, more = '', name = 'ais', totem = ''): Promise<string> {
    this.#port ??= await findPort([address]);
    const file = join(this.folder, `${name}.conf`);
    const link = `interface {\n bindnetaddr: ${address}\n mcastport: ${this.#port}\n }`;
    const head = `totem {\n cluster_name: ${this.folder}\n keyfile: authkey\n ${totem}\n ${link}\n}`;
    writeFileSync(file, `${head}\nipc {\n socket: ${name}.sock\n}\nstate { dir: state-${name} }\n${more}\n`);
    return file;
  }

  start(file: string, environment: NodeJS.ProcessEnv = {}): DaemonProcess {
    const daemon = new DaemonProcess(file, environment);
    this.#all.push(daemon);
    return daemon;
  }

  /** Until it is in a configuration of so many, with its state. */
  async untilReady(members = 1, name = 'ais'): Promise<Status> {
    for (const end = Date.now() + LIMIT_MS; ; await delay(20)) {
      const status = await fetchStatus(this.socket(name)).catch(() => undefined);
      const isReady = status?.state === 'operational' && status.synchronized;
      if (isReady && status.configuration.members.length === members) return status;
      if (Date.now() > end) throw new Error(`not ready within ${LIMIT_MS} ms: ${JSON.stringify(status)}`);
    }
  }

  async close(): Promise<void> {
    for (const daemon of this.#all) daemon.kill('SIGKILL');
    await Promise.all(this.#all.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
