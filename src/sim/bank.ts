/**
 * The bank of the 2004 talk (S44): every message is a deposit, split among the members of the configuration in which it is delivered.
 * All who go from one configuration to the next have paid the same amounts to the same branches, and no cent is lost on the way.
 */
import type { RingId } from '../totem/boundary.js';
import type { Delivered } from './consumer.js';
import type { ProcessRecord } from './recorder.js';

interface Books {
  /** Cents for each branch, by node. */
  readonly balances: Map<number, number>;
  deposited: number;
}

export interface BankError {
  readonly record: ProcessRecord;
  readonly text: string;
}

/** From what the applications read. Empty if the books agree. */
export function checkBank(records: readonly ProcessRecord[]): BankError[] {
  const errors: BankError[] = [];
  const audited = new Map<string, { readonly result: string; readonly record: ProcessRecord }>();
  for (const record of records) {
    for (const { change, books } of auditsOf(record.delivered)) {
      const result = balanceSheet(books);
      const total = [...books.balances.values()].reduce((sum, cents) => sum + cents, 0);
      if (total !== books.deposited)
        errors.push({ record, text: `${change}: ${books.deposited} came in, ${total} are there` });
      const first = audited.get(change);
      if (first === undefined) audited.set(change, { result, record });
      else if (first.result !== result) {
        const { node } = first.record.process;
        errors.push({ record, text: `${change}: the books say ${result}, those of node ${node} ${first.result}` });
      }
    }
  }
  return errors;
}

/** The books of each configuration that a process left, and from where to where it went. */
function* auditsOf(delivered: readonly Delivered[]): Generator<{ readonly change: string; readonly books: Books }> {
  let name = 'start';
  let branches: readonly number[] = [];
  let books: Books = { balances: new Map(), deposited: 0 };
  for (const item of delivered) {
    if (item.kind === 'message') {
      deposit(books, branches, item);
      continue;
    }
    const { kind, ring, old, members } = item.change;
    const next = kind === 'regular' ? `regular ${ringName(ring)}` : `transitional ${ringName(old)} > ${ringName(ring)}`;
    if (name !== 'start') yield { change: `${name} to ${next}`, books };
    name = next;
    branches = members.map(({ node }) => node);
    books = { balances: new Map(), deposited: 0 };
  }
}

/** Whole cents: what cannot be shared equally goes to the first branches. */
function deposit(
  books: Books,
  branches: readonly number[],
  { labelLow, length }: Extract<Delivered, { kind: 'message' }>,
): void {
  const cents = 1 + ((labelLow + length) % 10_000);
  books.deposited += cents;
  branches.forEach((branch, index) => {
    const share = Math.floor(cents / branches.length) + (index < cents % branches.length ? 1 : 0);
    books.balances.set(branch, (books.balances.get(branch) ?? 0) + share);
  });
}

function balanceSheet({ balances }: Books): string {
  return [...balances].map(([branch, cents]) => `${branch}: ${cents}`).join(', ');
}

function ringName({ representative, nonce, seq }: RingId): string {
  return `${seq}@${representative}/${nonce}`;
}
