/**
 * The books of the bank: what each branch holds of each account, in cents. A deposit is spread evenly over the branches that share in it;
 * the cents that do not divide go to the first of them, one each. Equal deposits in equal order with equal branches make equal books.
 */
import { createHash } from 'node:crypto';
import { AppliedSet } from './applied-set.js';

/** One account: what each branch holds of it. */
export type Holdings = Map<number, number>;

export class Books {
  readonly #accounts: Map<string, Holdings>;
  readonly #applied: AppliedSet;
  #total: number;

  constructor(accounts = new Map<string, Holdings>(), applied = new AppliedSet()) {
    this.#accounts = accounts;
    this.#applied = applied;
    this.#total = 0;
    for (const holdings of accounts.values()) for (const cents of holdings.values()) this.#total += cents;
  }

  /** Deposits that were applied. */
  get deposits(): number {
    return this.#applied.size;
  }

  /** Cents over all accounts and branches. */
  get total(): number {
    return this.#total;
  }

  get applied(): AppliedSet {
    return this.#applied;
  }

  get accounts(): ReadonlyMap<string, ReadonlyMap<number, number>> {
    return this.#accounts;
  }

  /** `branches`: ascending, at least one. False: this deposit was applied before, and nothing was done. */
  deposit(id: number, account: string, cents: number, branches: readonly number[]): boolean {
    if (!this.#applied.add(id)) return false;
    let holdings = this.#accounts.get(account);
    if (holdings === undefined) {
      holdings = new Map();
      this.#accounts.set(account, holdings);
    }
    const share = Math.floor(cents / branches.length);
    let rest = cents - share * branches.length;
    for (const branch of branches) {
      holdings.set(branch, (holdings.get(branch) ?? 0) + share + (rest > 0 ? 1 : 0));
      if (rest > 0) rest--;
    }
    this.#total += cents;
    return true;
  }

  /** Equal for equal books: SHA-256 over accounts, branches and cents in a fixed order, and the deposits. */
  hash(): string {
    const hash = createHash('sha256');
    for (const account of [...this.#accounts.keys()].sort()) {
      const holdings = [...this.#accounts.get(account)!].sort(([a], [b]) => a - b);
      hash.update(`${JSON.stringify(account)} ${holdings.map(([branch, cents]) => `${branch}:${cents}`).join(' ')}\n`);
    }
    hash.update(`${this.#applied.floor} ${this.#applied.beyond.join(' ')}\n`);
    return hash.digest('hex');
  }
}
