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
 * configuration. The other closes its books; when it comes back it is a newcomer. Not every member may have come to know the last
 * configuration, so those before it count as well, until a safe message is delivered in it: then all of its members are in it.
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
  /** Sends the books, safe: in this configuration or not at all. */
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
  readonly guarantee: 'agreed' | 'safe';
}

interface Kept {
  readonly data: Buffer;
  readonly own: boolean;
  readonly configuration: Configuration;
}

export class Bank {
  readonly #node: number;
  readonly #events: BranchEvents;
  #books: Books | undefined;
  #configuration: Configuration | undefined;
  /** The regular configuration that was delivered last. */
  #regular: Configuration | undefined;
  /** Who has books, as far as those who have them know. */
  #holders = new Set<number>();
  /** Configurations, most of each of which a part has to have in order to go on. */
  #quorums: (readonly number[])[] = [];
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
      // Whoever does not come along has another history from here, even if its id is soon among the members again.
      this.#goOn(configuration.members);
      return;
    }
    this.#regular = configuration;
    this.#kept = [];
    if (this.#books === undefined) return;
    this.#quorums.push(configuration.members);
    const [first] = [...this.#holders].sort((a, b) => a - b);
    const isComplete = configuration.members.every((member) => this.#holders.has(member));
    if (first === this.#node && !isComplete) {
      this.#events.sendBooks(configuration.id, encodeBooks(this.#books, this.#quorums));
    }
  }

  message(message: Delivered): void {
    const { data, own, guarantee } = message;
    const configuration = this.#configuration!;
    const kind = data[0];
    if (kind === OPEN) this.#open();
    else if (kind === BOOKS) this.#receive(data);
    else if (this.#books !== undefined) this.#apply(data, own, configuration);
    else this.#keep({ data: Buffer.from(data), own, configuration });
    if (guarantee === 'safe' && configuration.kind === 'regular') this.#quorums = [configuration.members];
  }

  #open(): void {
    if (this.#books !== undefined) return;
    this.#quorums = [this.#regular!.members];
    this.#adopt(new Books());
  }

  /** As they were at the start of the configuration, in which they are ordered or not at all; what was kept since then follows. */
  #receive(data: Buffer): void {
    if (this.#books !== undefined) {
      this.#holders = new Set(this.#configuration!.members);
      return;
    }
    const { books, quorums } = decodeBooks(data);
    this.#quorums = quorums;
    const kept = this.#kept;
    this.#kept = [];
    if (!this.#adopt(books)) return;
    for (const message of kept) this.#apply(message.data, message.own, message.configuration);
  }

  /** All who deliver the message that brings them have the same books. */
  #adopt(books: Books): boolean {
    const { members } = this.#configuration!;
    if (!this.#isPrimary(members)) return false;
    this.#holders = new Set(members);
    this.#books = books;
    this.#events.onBooks(true);
    return true;
  }

  #apply(data: Buffer, own: boolean, configuration: Configuration): void {
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
    if (message.own && message.data[0] === SETTLE) {
      // Without books it cannot be told whether the batch stands in them: somebody else sends it again.
      this.#events.onSettle(decodeSettle(message.data), false);
      return;
    }
    if (this.#kept.length >= MAX_KEPT) throw new Error(`No books came for ${MAX_KEPT} messages.`);
    this.#kept.push(message);
  }

  /** `members` go on together. Those of them who have books keep them if this part is the one that may. */
  #goOn(members: readonly number[]): void {
    if (this.#books === undefined) return;
    for (const holder of this.#holders) if (!members.includes(holder)) this.#holders.delete(holder);
    if (this.#isPrimary(members)) return;
    this.#books = undefined;
    this.#holders.clear();
    this.#events.onBooks(false);
  }

  /** More than half of each quorum, or half of it with its first member. */
  #isPrimary(members: readonly number[]): boolean {
    return this.#quorums.every((quorum) => {
      const present = quorum.filter((member) => members.includes(member)).length;
      return 2 * present > quorum.length || (2 * present === quorum.length && members.includes(quorum[0]!));
    });
  }
}
