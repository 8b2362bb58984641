/** Which deposits have been applied, by number. Numbers are given in order, so all but the last few are one range. */
export class AppliedSet {
  /** All below it were applied. */
  #floor: number;
  /** Those above the floor. */
  readonly #beyond: Set<number>;

  constructor(floor = 0, beyond: Iterable<number> = []) {
    this.#floor = floor;
    this.#beyond = new Set(beyond);
  }

  get size(): number {
    return this.#floor + this.#beyond.size;
  }

  get floor(): number {
    return this.#floor;
  }

  /** Ascending. */
  get beyond(): number[] {
    return [...this.#beyond].sort((a, b) => a - b);
  }

  has(id: number): boolean {
    return id < this.#floor || this.#beyond.has(id);
  }

  /** False: it is in the set already. */
  add(id: number): boolean {
    if (this.has(id)) return false;
    this.#beyond.add(id);
    while (this.#beyond.delete(this.#floor)) this.#floor++;
    return true;
  }
}
