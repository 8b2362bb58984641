/** Numbers for lists of groups on one connection: a list goes over it once, not with each message. */
import { LISTS_BYTES_MAX, LISTS_MAX } from '../../ipc/evs-frames.js';

export class GroupNumbers {
  /** Tells the client of a number. Number 1 makes all before it void. */
  readonly #tell: (number: number, groups: readonly string[]) => void;
  readonly #numbers = new Map<readonly string[], number>();
  #bytes = 0;
  #last: readonly string[] | undefined;
  #lastNumber = 0;

  constructor(tell: (number: number, groups: readonly string[]) => void) {
    this.#tell = tell;
  }

  /** Lists are told apart by identity: src/services/evs/group-lists.ts has one object for equal ones. */
  of(groups: readonly string[]): number {
    if (groups === this.#last) return this.#lastNumber;
    this.#lastNumber = this.#numbers.get(groups) ?? this.#add(groups);
    this.#last = groups;
    return this.#lastNumber;
  }

  #add(groups: readonly string[]): number {
    const bytes = groups.reduce((sum, group) => sum + Buffer.byteLength(group), 0);
    if (this.#numbers.size >= LISTS_MAX || this.#bytes + bytes > LISTS_BYTES_MAX) {
      this.#numbers.clear();
      this.#bytes = 0;
    }
    const number = this.#numbers.size + 1;
    this.#numbers.set(groups, number);
    this.#bytes += bytes;
    this.#tell(number, groups);
    return number;
  }
}
