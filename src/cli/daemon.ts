/** An executive as a process: signals, and what systemd is told. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Executive } from '../executive/index.js';
import { Systemd } from '../executive/systemd.js';
import { channelNames } from '../observe/channels.js';
import type { Overview } from '../observe/status.js';
import type { Terminal } from './terminal.js';

const stopSignals = ['SIGTERM', 'SIGINT'] as const;
const reloadSignal = 'SIGHUP';

export class Daemon {
  readonly #file: string;
  readonly #systemd: Systemd;
  readonly #stop = new AbortController();
  #executive: Executive | undefined;
  /** Asked for, and not begun. */
  #isReloadWanted = false;
  #isReloading = false;

  constructor(file: string, terminal: Terminal) {
    this.#file = file;
    const onFailure = ({ message }: Error) => terminal.err(`aisexec: systemd cannot be told: ${message}`);
    this.#systemd = new Systemd({ environment: process.env, onFailure });
  }

  /** Returns when the executive has left; throws what ended it otherwise. */
  async run(): Promise<void> {
    for (const name of stopSignals) process.on(name, this.#onStop);
    process.on(reloadSignal, this.#onReload);
    for (const name of channelNames) subscribe(name, this.#onNews);
    try {
      await this.#startAndServe();
    } finally {
      this.#systemd.end();
      for (const name of channelNames) unsubscribe(name, this.#onNews);
      process.off(reloadSignal, this.#onReload);
      for (const name of stopSignals) process.off(name, this.#onStop);
    }
  }

  async #startAndServe(): Promise<void> {
    const { signal } = this.#stop;
    try {
      this.#executive = await Executive.start(this.#file, { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const executive = this.#executive;
    if (signal.aborted) void executive.stop();
    else this.#serve(executive);
    const reason = await executive.closed;
    if (reason) throw reason;
  }

  #serve(executive: Executive): void {
    this.#stop.signal.addEventListener('abort', () => void executive.stop());
    this.#systemd.ready(describe(executive.overview()));
    this.#systemd.watch(() => executive.isAlive);
    void this.#reload();
  }

  readonly #onStop = () => {
    // Asked twice: whoever asks does not want to wait for the others any more.
    if (this.#stop.signal.aborted) process.exit(1);
    this.#systemd.stopping();
    this.#stop.abort();
  };

  readonly #onReload = () => {
    this.#isReloadWanted = true;
    void this.#reload();
  };

  readonly #onNews = () => {
    if (this.#executive !== undefined && !this.#stop.signal.aborted)
      this.#systemd.status(describe(this.#executive.overview()));
  };

  /** One after the other, and none before the start is over. What is wrong with the file is no reason to end. */
  async #reload(): Promise<void> {
    const executive = this.#executive;
    if (executive === undefined || this.#isReloading) return;
    this.#isReloading = true;
    while (this.#isReloadWanted && !this.#stop.signal.aborted) {
      this.#isReloadWanted = false;
      this.#systemd.reloading();
      const problem = await this.#readAgain(executive);
      if (!this.#stop.signal.aborted) this.#systemd.ready(problem ?? describe(executive.overview()));
    }
    this.#isReloading = false;
  }

  /** What is left to be done about it, in a line. The log of the executive has the rest. */
  async #readAgain(executive: Executive): Promise<string | undefined> {
    try {
      const { restart } = await executive.reload(this.#file);
      return restart.length === 0 ? undefined : `a restart is needed for ${restart.join(', ')}`;
    } catch (error) {
      return `configuration refused: ${(error as Error).message.split('\n', 1)[0]}`;
    }
  }
}

/** For people who look at `systemctl status`. */
function describe({ state, configuration: { members }, synchronized, primary, clients = 0 }: Overview): string {
  const inWords = !primary ? 'outside of the primary component' : synchronized ? state : 'services synchronise';
  return `${inWords}; ${members.length} members: ${members.join(', ')}; ${clients} clients`;
}
