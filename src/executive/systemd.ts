/** What systemd is told of this daemon, by the protocol of sd_notify(3): a datagram of assignments a message. */
import { sendUnixDatagram } from '../native/unix-datagram.js';

/** Longer texts are of no use in `systemctl status`. */
const STATUS_MAX = 200;
const MICROSECONDS = 1000;

export interface SystemdOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Called once with why systemd cannot be told. */
  readonly onFailure: (error: Error) => void;
  readonly send?: (address: string, bytes: Uint8Array) => void;
}

/** Says nothing where nobody listens: without NOTIFY_SOCKET in the environment. */
export class Systemd {
  readonly #address: string | undefined;
  readonly #watchdogMs: number | undefined;
  readonly #options: SystemdOptions;
  #hasFailed = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: SystemdOptions) {
    const { NOTIFY_SOCKET: address } = options.environment;
    this.#options = options;
    // Other kinds of sockets are for virtual machines.
    this.#address = address !== undefined && /^[/@]./.test(address) ? address : undefined;
    this.#watchdogMs = watchdogMs(options.environment);
  }

  ready(status: string): void {
    this.#send('READY=1', `STATUS=${oneLine(status)}`);
  }

  status(status: string): void {
    this.#send(`STATUS=${oneLine(status)}`);
  }

  /** ready() has to follow. systemd compares the time with that of its own request. */
  reloading(): void {
    this.#send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / BigInt(MICROSECONDS)}`);
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  /**
   * From now on systemd hears twice in each of its intervals that all is well, as long as `isAlive` says so. That the timer runs shows that
   * the loop does.
   */
  watch(isAlive: () => boolean): void {
    if (this.#watchdogMs === undefined || this.#address === undefined) return;
    const beat = () => {
      if (isAlive()) this.#send('WATCHDOG=1');
    };
    beat();
    this.#watchdog = setInterval(beat, this.#watchdogMs / 2);
    this.#watchdog.unref();
  }

  end(): void {
    clearInterval(this.#watchdog);
  }

  #send(...assignments: string[]): void {
    if (this.#address === undefined) return;
    const { send = sendUnixDatagram, onFailure } = this.#options;
    try {
      send(this.#address, Buffer.from(`${assignments.join('\n')}\n`));
    } catch (error) {
      if (!this.#hasFailed) onFailure(error as Error);
      this.#hasFailed = true;
    }
  }
}

/** Undefined: no watchdog, or it is another process's. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return undefined;
  const isSet = WATCHDOG_USEC !== undefined && /^[1-9]\d{0,14}$/.test(WATCHDOG_USEC);
  return isSet ? Number(WATCHDOG_USEC) / MICROSECONDS : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, STATUS_MAX);
}
