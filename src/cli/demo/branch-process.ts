/** A branch, as the process that started it knows it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromBranch, Report, ToBranch } from './protocol.js';

export interface BranchObserver {
  onMessage(branch: BranchProcess, message: FromBranch): void;
  /** The process is gone, whatever the reason. */
  onExit(branch: BranchProcess): void;
}

export class BranchProcess {
  readonly node: number;
  isStarted = false;
  hasBooks = false;
  isGone = false;
  /** Members of the regular configuration that it was in last. */
  members: readonly number[] = [];
  messages = 0;
  report: Report | undefined;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(node: number, configFile: string, observer: BranchObserver) {
    this.node = node;
    const module = fileURLToPath(new URL('branch.js', import.meta.url));
    this.#child = fork(module, [configFile], { serialization: 'advanced' });
    this.#child.on('message', (message: FromBranch) => {
      this.#note(message);
      observer.onMessage(this, message);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.isGone = true;
        observer.onExit(this);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  tell(message: ToBranch): void {
    // What a dead branch does not get is given to another.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Lets it leave the ring; kills it if that takes too long. */
  async stop(milliseconds: number): Promise<void> {
    if (this.isGone) return;
    this.tell({ type: 'stop' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), milliseconds);
    await this.#exited;
    clearTimeout(timer);
  }

  #note(message: FromBranch): void {
    if (message.type === 'started') this.isStarted = true;
    if (message.type === 'books') this.hasBooks = message.isOpen;
    if (message.type === 'configuration' && message.kind === 'regular') this.members = message.members;
    if (message.type === 'progress') this.messages = message.messages;
    if (message.type === 'report') this.report = message.report;
  }
}
