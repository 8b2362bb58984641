/** What has to be on the disk before it is used (totem 1.14, A5, E24): ring sequence numbers, reserved in blocks, and incarnations. */

/** Sequence numbers that one write to the disk reserves. */
export const RESERVED_BLOCK = 1024n;
/** A new ring's sequence is so much above the highest that any of its members knows (totem 1.12). */
export const RING_STEP = 4n;
/** Above this a number on the wire is no ring sequence but damage. */
export const RING_SEQ_MAX = 1n << 63n;

/** The next incarnation of a node: above the stored one, and above what any earlier life can have had if the disk forgot (A5).
 *  `unixMs`: milliseconds since 1970. */
export function nextIncarnation(stored: bigint, unixMs: bigint): bigint {
  return stored + 1n > unixMs ? stored + 1n : unixMs;
}

/** The highest ring sequence known, and how far the disk allows to use it. Writes ahead, so that no ring waits for the disk. */
export class RingSequence {
  private known: bigint;
  private reserved: bigint;
  private requested: bigint;

  /** `stored`: the high-water mark on the disk. Everything up to it may have been used by an earlier life. */
  constructor(stored: bigint) {
    this.known = stored;
    this.reserved = stored;
    this.requested = stored;
  }

  /** What may be told to others: known, and not above the mark on the disk. */
  get durable(): bigint {
    return this.covers(this.known) ? this.known : this.reserved;
  }

  /** False: not a plausible sequence; nothing was learned. */
  learn(seq: bigint): boolean {
    if (seq > RING_SEQ_MAX) return false;
    if (seq > this.known) this.known = seq;
    return true;
  }

  /** For a new ring of mine. It may be used once `covers` says so. */
  next(): bigint {
    this.known += RING_STEP;
    return this.known;
  }

  covers(seq: bigint): boolean {
    return seq <= this.reserved;
  }

  /** The mark to write now, if half of the reserved block is used up and no higher one is being written. */
  request(): bigint | undefined {
    if (this.known + RESERVED_BLOCK / 2n <= this.requested) return undefined;
    this.requested = this.known + RESERVED_BLOCK;
    return this.requested;
  }

  /** That mark is on the disk. */
  persisted(mark: bigint): void {
    if (mark > this.reserved) this.reserved = mark;
  }
}
