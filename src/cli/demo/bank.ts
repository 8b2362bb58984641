/**
 * One branch of the bank, as a function of what is delivered to it. No I/O.
 *
 * A deposit is split among the members of the configuration in which it is delivered, so all who go together from one configuration to
 * the next split it alike (totem 2.3). Who has no books asks for them in each configuration: it listens from a place in the order that
 * only it knows, so nobody else can say when. All who have books answer with them as they were where the question was delivered, in
 * that configuration or not at all, and the first answer counts; no answer depends on who else is thought to have books, or lives to
 * send them. The newcomer keeps what is delivered after its question, and applies it when they come.
 *
 * Only one part of a bank that falls apart may go on, or money would be counted twice: the one with most of the members of the last
 * configuration. The other closes its books; when it comes back it is a newcomer. Not every member may have come to know the last
 * configuration, so those before it count as well, until a safe message is delivered in it: then all of its members are in it.
 */
import type { Configuration } from '../../client/evs/types.js';
import { Books } from './books.js';
import {
  ASK,
  BOOKS,
  CLOSE,
  DEPOSIT,
  decodeAsker,
  decodeBooks,
  decodeDeposit,
  decodeSettle,
  encodeBooks,
  encodePlain,
  OPEN,
  SETTLE,
  type SentBooks,
} from './messages.js';

/** Messages that a newcomer keeps until the books come. */
export const MAX_KEPT = 1 << 22;

export interface BranchEvents {
  /** Sends a message, safe: in this configuration or not at all. */
  send(configuration: string, message: Buffer): void;
  /** The branch has books, or has none any more. */
  onBooks(isOpen: boolean): void;
  /** A batch of this branch came to its end. With `isRegular` every member of the configuration holds all of it. */
  onSettle(batch: number, isRegular: boolean): void;
  /** The last message was delivered. */
  onClose(books: Books): void;
}

export interface Delivered {
  readonly data: Buffer;
  readonly sender: number;
  readonly own: boolean;
  readonly guarantee: 'agreed' | 'safe';
}

interface Kept extends Omit<Delivered, 'guarantee'> {
  readonly configuration: Configuration;
}

export class Bank {
  readonly #node: number;
  readonly #events: BranchEvents;
  #books: Books | undefined;
  #configuration: Configuration | undefined;
  /** The regular configuration that was delivered last. */
  #regular: Configuration | undefined;
  /** Configurations, most of each of which a part has to have in order to go on. */
  #quorums: (readonly number[])[] = [];
  /** What was delivered since this branch asked for books; undefined before it did. */
  #kept: Kept[] | undefined;

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
      this.#goOn(configuration.members);
      return;
    }
    this.#regular = configuration;
    this.#kept = undefined;
    if (this.#books === undefined) this.#events.send(configuration.id, encodePlain(ASK));
    else this.#quorums.push(configuration.members);
  }

  message({ data, sender, own, guarantee }: Delivered): void {
    const configuration = this.#configuration!;
    const kind = data[0];
    if (kind === OPEN) this.#open();
    else if (this.#books !== undefined) this.#apply({ data, sender, own, configuration });
    else if (kind === ASK && own) this.#kept = [];
    else if (kind === BOOKS && decodeAsker(data) === this.#node) this.#receive(decodeBooks(data));
    else this.#keep({ data, sender, own, configuration });
    if (guarantee === 'safe' && configuration.kind === 'regular') this.#quorums = [configuration.members];
  }

  #open(): void {
    if (this.#books !== undefined) return;
    const { members } = this.#regular!;
    this.#kept = undefined;
    this.#quorums = [members];
    this.#adopt(new Books());
  }

  /** As they were where this branch asked; what was kept since then follows. */
  #receive({ books, quorums }: SentBooks): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.#quorums = [...quorums];
    if (!this.#adopt(books)) return;
    for (const message of kept) this.#apply(message);
  }

  #adopt(books: Books): boolean {
    if (!this.#isPrimary(this.#configuration!.members)) return false;
    this.#books = books;
    this.#events.onBooks(true);
    return true;
  }

  #apply({ data, sender, own, configuration }: Kept): void {
    const books = this.#books!;
    if (data[0] === DEPOSIT) {
      const { id, account, cents } = decodeDeposit(data);
      books.deposit(id, account, cents, configuration.members);
    } else if (data[0] === SETTLE) {
      if (own) this.#events.onSettle(decodeSettle(data), configuration.kind === 'regular');
    } else if (data[0] === CLOSE) {
      this.#events.onClose(books);
    } else if (data[0] === ASK && !own && configuration === this.#regular) {
      this.#events.send(configuration.id, encodeBooks(sender, { books, quorums: this.#quorums }));
    }
  }

  #keep(message: Kept): void {
    if (message.own && message.data[0] === SETTLE) {
      // Without books it cannot be told whether the batch stands in them: somebody else sends it again.
      this.#events.onSettle(decodeSettle(message.data), false);
      return;
    }
    if (this.#kept === undefined) return;
    if (this.#kept.length >= MAX_KEPT) throw new Error(`No books came for ${MAX_KEPT} messages.`);
    this.#kept.push({ ...message, data: Buffer.from(message.data) });
  }

  /** `members` go on together. Those of them who have books keep them if this part is the one that may. */
  #goOn(members: readonly number[]): void {
    if (this.#books === undefined || this.#isPrimary(members)) return;
    this.#books = undefined;
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
