// A service of a third party that does not come back from one of its functions for long: the loop of its executive hangs with it.
import { existsSync, rmSync } from 'node:fs';

const { HANGS_IN, HANGS_IF, HANGS_FOR, IS_FULL } = process.env;

function mayHang(place) {
  if (place !== HANGS_IN || !existsSync(HANGS_IF)) return;
  // Once, and whoever made it sees that it begins.
  rmSync(HANGS_IF);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(HANGS_FOR));
}

class HangingService {
  id = 'hanging';
  number = 64;
  library = {};
  executive = {};
  #isFull = IS_FULL === 'yes';
  replica = {
    isBlank: () => !this.#isFull,
    digest: () => Uint8Array.of(this.#isFull ? 1 : 0),
    snapshot: () => {
      mayHang('snapshot');
      return [Uint8Array.of(1)].values();
    },
    shadow: () => ({ load: (chunk) => chunk.u8() }),
    commit: () => {
      this.#isFull = true;
    },
  };

  start() {}

  greeting() {
    mayHang('greeting');
    return new Uint8Array(0);
  }
}

export const services = [new HangingService()];
