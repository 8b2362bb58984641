/**
 * One branch of the bank, as a function of what is delivered to it. No I/O.
 *
 * A deposit is split among the members of the configuration in which it is delivered, so all who go together from one configuration to
 * the next split it alike (totem 2.3). Who has no books gets them from a member: at each regular configuration with somebody who has
 * none, the first of those who have and came along sends its books as they are at that very point, to be ordered in that configuration
 * or not at all. Until they come the newcomer keeps what is delivered in the configuration, and applies it then. If the sender dies
 * first, another configuration follows, and with it the same rule from its beginning.
 *
 * Only one part of a bank that falls apart may go on, or money would be counted twice: the one with most of the members of the last
 * configuration. The other closes its books; when it comes back it is a newcomer.
 */
import type { Configuration } from '../../client/evs/types.js';
import { Books } from './books.js';
import {
  BOOKS,
  CLOSE,
  DEPOSIT,
  decodeBooks,
  decodeDeposit,
  decodeSettle,
  encodeBooks,
  OPEN,
  SETTLE,
} from './messages.js';

/** Messages that a newcomer keeps until the books come. */
export const MAX_KEPT = 1 << 22;

export interface BranchEvents {
  /** Sends the books: in this configuration or not at all. */
  sendBooks(configuration: string, message: Buffer): void;
  /** The branch has books, or has none any more. */
  onBooks(isOpen: boolean): void;
  /** A batch of this branch came to its end. With `isRegular` every member of the configuration holds all of it. */
  onSettle(batch: number, isRegular: boolean): void;
  /** The last message was delivered. */
  onClose(books: Books): void;
}

export interface Delivered {
  readonly data: Buffer;
  readonly own: boolean;
}

interface Kept extends Delivered {
  readonly configuration: Configuration;
}

export class Bank {
  readonly #node: number;
  readonly #events: BranchEvents;
  #books: Books | undefined;
  #configuration: Configuration | undefined;
  /** The regular configuration that was delivered last. */
  #regular: Configuration | undefined;
  /** Who came along to the next one: members of the last transitional configuration. */
  #together: readonly number[] = [];
  /** Who has books, as far as those who have them know. */
  #holders = new Set<number>();
  #kept: Kept[] = [];

  constructor(node: number, events: BranchEvents) {
    this.#node = node;
    this.#events = events;
  }

  get books(): Books | undefined {
    return this.#books;
  }

  configuration(configuration: Configuration): void {
    this.#configuration = configuration;
    if (configuration.kind === 'transitional') {
      this.#together = configuration.members;
      this.#keepHolders(configuration.members);
      return;
    }
    // Whoever did not come along has another history, even if its id is among the members again.
    this.#keepHolders(this.#together);
    this.#regular = configuration;
    this.#kept = [];
    if (this.#books === undefined) return;
    const [first] = [...this.#holders].sort((a, b) => a - b);
    const isComplete = configuration.members.every((member) => this.#holders.has(member));
    if (first === this.#node && !isComplete) {
      this.#events.sendBooks(configuration.id, encodeBooks(configuration.id, this.#books));
    }
  }

  message(message: Delivered): void {
    const kind = message.data[0];
    if (kind === OPEN) this.#open();
    else if (kind === BOOKS) this.#receive(message.data);
    else if (this.#books !== undefined) this.#apply(message, this.#configuration!);
    else this.#keep({ data: Buffer.from(message.data), own: message.own, configuration: this.#configuration! });
  }

  #open(): void {
    if (this.#books !== undefined) return;
    this.#holders = new Set(this.#configuration!.members);
    this.#setBooks(new Books());
  }

  /** The books are as at the start of the regular configuration; what was kept since then follows them. */
  #receive(data: Buffer): void {
    const { configuration, books } = decodeBooks(data);
    if (configuration !== this.#regular?.id) return;
    this.#holders = new Set(this.#configuration!.members);
    if (this.#books !== undefined) return;
    if (!this.#isPrimary(this.#configuration!.members)) return;
    const kept = this.#kept;
    this.#kept = [];
    this.#setBooks(books);
    for (const message of kept) this.#apply(message, message.configuration);
  }

  #apply({ data, own }: Delivered, configuration: Configuration): void {
    const books = this.#books!;
    if (data[0] === DEPOSIT) {
      const { id, account, cents } = decodeDeposit(data);
      books.deposit(id, account, cents, configuration.members);
    } else if (data[0] === SETTLE) {
      if (own) this.#events.onSettle(decodeSettle(data), configuration.kind === 'regular');
    } else if (data[0] === CLOSE) {
      this.#events.onClose(books);
    }
  }

  #keep(message: Kept): void {
    // Without books its own batches cannot be known to be in them.
    if (message.own && message.data[0] === SETTLE) this.#events.onSettle(decodeSettle(message.data), false);
    if (this.#kept.length >= MAX_KEPT) throw new Error(`No books came for ${MAX_KEPT} messages.`);
    this.#kept.push(message);
  }

  /** `members` go on together. Those of them who have books stay with them if they are the greater part of the last configuration. */
  #keepHolders(members: readonly number[]): void {
    if (this.#books === undefined) return;
    for (const holder of this.#holders) if (!members.includes(holder)) this.#holders.delete(holder);
    if (!this.#isPrimary(members)) this.#setBooks(undefined);
  }

  /** More than half of the last regular configuration, or half of it with its first member. */
  #isPrimary(members: readonly number[]): boolean {
    const before = this.#regular?.members ?? [];
    const stay = before.filter((member) => members.includes(member)).length;
    return 2 * stay > before.length || (2 * stay === before.length && members.includes(before[0]!));
  }

  #setBooks(books: Books | undefined): void {
    this.#books = books;
    if (books === undefined) this.#holders.clear();
    this.#events.onBooks(books !== undefined);
  }
}
