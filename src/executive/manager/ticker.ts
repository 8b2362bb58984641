/** Watches the earliest deadline of the services, and tells all members when it is over. */
import type { GroupMessaging } from '../../gmi/group-messaging.js';
import { HIGH } from '../../gmi/port.js';
import { BodyWriter } from '../../ipc/body.js';
import type { ManagerClock } from './clock.js';

export class Ticker {
  readonly #messaging: GroupMessaging;
  readonly #header: Buffer;
  readonly #clock: ManagerClock;
  readonly #next: () => number;
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  /** Or waits for room. */
  #isOnTheWay = false;

  /** `next`: the earliest deadline, in ms since the Unix epoch. Infinity: there is none, or others watch. */
  constructor(messaging: GroupMessaging, header: Buffer, clock: ManagerClock, next: () => number) {
    this.#messaging = messaging;
    this.#header = header;
    this.#clock = clock;
    this.#next = next;
  }

  /** The earliest deadline may be another. */
  watch(): void {
    this.#arm(this.#isOnTheWay ? Number.POSITIVE_INFINITY : this.#next());
  }

  /** The tick of this node came by. */
  passed(): void {
    this.#isOnTheWay = false;
  }

  end(): void {
    this.#arm(Number.POSITIVE_INFINITY);
  }

  #arm(at: number): void {
    if (this.#at === at) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#cancel = undefined;
      this.#tell();
    });
  }

  #tell(): void {
    this.#isOnTheWay = true;
    const body = new BodyWriter(8).f64(this.#clock.now()).finish();
    if (this.#messaging.multicast(HIGH, 0, this.#header, body)) return;
    this.#messaging.flow.wait(HIGH, () => {
      this.#isOnTheWay = false;
      this.watch();
      return true;
    });
  }
}
