/**
 * Hands deposits to branches, in batches, and sees to it that each counts exactly once. A batch is settled when a branch says that it
 * stands in the books of every member. What a branch had in hand when it died is given to others with the same numbers: a deposit that
 * the dead one got into the order after all is found there by its number, and not applied again.
 */
import type { Entry } from './ledger.js';
import type { Deposit } from './messages.js';

/** Deposits of a batch. */
export const BATCH_SIZE = 500;
/** Batches that a branch has in hand. */
export const BATCHES_IN_HAND = 8;

export interface Batch {
  readonly number: number;
  readonly deposits: readonly Deposit[];
}

/**
 * Cuts entries into batches. Of the last one, one half waits for `release`, so that even a short ledger has deposits for the bank as it
 * is after its branches have changed.
 */
export async function* batches(
  entries: AsyncIterable<Entry>,
  release: Promise<unknown>,
  size = BATCH_SIZE,
): AsyncGenerator<Batch> {
  let number = 0;
  let id = 0;
  const make = (part: readonly Entry[]): Batch => ({
    number: ++number,
    deposits: part.map(({ account, cents }) => ({ id: id++, account, cents })),
  });
  let part: Entry[] = [];
  for await (const entry of entries) {
    part.push(entry);
    if (part.length < size) continue;
    yield make(part);
    part = [];
  }
  const half = Math.ceil(part.length / 2);
  if (half > 0) yield make(part.slice(0, half));
  await release;
  if (half < part.length) yield make(part.slice(half));
}

export class Dealer {
  readonly #source: AsyncIterator<Batch>;
  readonly #give: (branch: number, batch: Batch) => void;
  /** Branches that are open, with what each has in hand. */
  readonly #branches = new Map<number, Map<number, Batch>>();
  /** To be given out again. */
  readonly #returned: Batch[] = [];
  #ahead: Batch | undefined;
  #isReading = false;
  #isSourceOver = false;
  #failure: Error | undefined;
  #deposits = 0;
  #cents = 0;
  #settled = 0;
  #wake: () => void = () => {};

  constructor(source: AsyncIterator<Batch>, give: (branch: number, batch: Batch) => void) {
    this.#source = source;
    this.#give = give;
  }

  /** Deposits given out, each counted once. */
  get deposits(): number {
    return this.#deposits;
  }

  /** Their sum. */
  get cents(): number {
    return this.#cents;
  }

  /** Batches that are settled. */
  get settled(): number {
    return this.#settled;
  }

  /** Nothing is in hand, and nothing waits to be given out again. */
  get isIdle(): boolean {
    return this.#ahead === undefined && this.#returned.length === 0 && this.#inHand() === 0;
  }

  /** Gives out everything. Resolves when all of it is settled; rejects with what the source throws. */
  async run(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const branch = this.#freeBranch();
      const batch = branch === undefined ? undefined : this.#take();
      if (branch !== undefined && batch !== undefined) this.#deal(branch, batch);
      else if (this.#isSourceOver && this.isIdle) return;
      else await this.#change();
    }
  }

  open(branch: number): void {
    if (!this.#branches.has(branch)) this.#branches.set(branch, new Map());
    this.#wake();
  }

  /** The branch is gone, or has no books any more. */
  close(branch: number): void {
    this.#returned.push(...(this.#branches.get(branch)?.values() ?? []));
    this.#branches.delete(branch);
    this.#wake();
  }

  /** What a branch says of a batch that it was given. */
  answer(branch: number, number: number, isSettled: boolean): void {
    const inHand = this.#branches.get(branch);
    const batch = inHand?.get(number);
    if (inHand === undefined || batch === undefined) return;
    inHand.delete(number);
    if (isSettled) this.#settled++;
    else this.#returned.push(batch);
    this.#wake();
  }

  #inHand(): number {
    let count = 0;
    for (const inHand of this.#branches.values()) count += inHand.size;
    return count;
  }

  /** The one with the least in hand, if it may have more. */
  #freeBranch(): number | undefined {
    let best: number | undefined;
    let least = BATCHES_IN_HAND;
    for (const [branch, { size }] of this.#branches) {
      if (size >= least) continue;
      best = branch;
      least = size;
    }
    return best;
  }

  /** What was returned goes first. The source is read ahead by one batch; nothing waits for it but the batch itself. */
  #take(): Batch | undefined {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    const batch = this.#ahead;
    this.#ahead = undefined;
    if (batch !== undefined) {
      this.#deposits += batch.deposits.length;
      for (const { cents } of batch.deposits) this.#cents += cents;
    }
    if (!this.#isReading && !this.#isSourceOver) this.#read();
    return batch;
  }

  #read(): void {
    this.#isReading = true;
    const read = ({ done, value }: IteratorResult<Batch>): void => {
      this.#isReading = false;
      if (done) this.#isSourceOver = true;
      else this.#ahead = value;
      this.#wake();
    };
    const failed = (error: Error): void => {
      this.#failure = error;
      this.#wake();
    };
    this.#source.next().then(read, failed);
  }

  #deal(branch: number, batch: Batch): void {
    this.#branches.get(branch)!.set(batch.number, batch);
    this.#give(branch, batch);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
