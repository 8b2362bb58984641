/** What this node sends of its state, at recovery priority: it waits for room. Bounded by CHUNKS_IN_FLIGHT and one end a service. */
import type { GroupMessaging } from '../../gmi/group-messaging.js';
import { RECOVERY } from '../../gmi/port.js';

const NOTHING = new Uint8Array(0);

export class TransferQueue {
  readonly #messaging: GroupMessaging;
  #waiting: Buffer[] = [];
  #isWatchingRoom = false;

  constructor(messaging: GroupMessaging) {
    this.#messaging = messaging;
  }

  add(message: Buffer): void {
    this.#waiting.push(message);
    this.#drain();
  }

  clear(): void {
    this.#waiting = [];
  }

  #drain(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#isWatchingRoom) return;
      if (!this.#messaging.multicast(RECOVERY, 0, first, NOTHING)) {
        this.#watchRoom();
        return;
      }
      this.#waiting.shift();
    }
  }

  #watchRoom(): void {
    this.#isWatchingRoom = true;
    this.#messaging.flow.wait(RECOVERY, () => {
      this.#isWatchingRoom = false;
      this.#drain();
      return true;
    });
  }
}
