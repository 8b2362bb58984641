/**
 * What branches say to each other (little-endian; numbers of deposits and cents take 6 bytes):
 *
 * | kind | body |
 * |---|---|
 * | 1 open | the bank opens its books with the members that deliver this |
 * | 2 deposit | u48 number, u48 cents, account in UTF-8 |
 * | 3 settle | u32 batch: all deposits of this batch were sent before it |
 * | 4 ask | the sender has no books, and keeps what follows until they come |
 * | 5 books | u32 who asked; the books as they were where it did, as JSON |
 * | 6 close | nothing follows; every branch tells what it has |
 */
import { AppliedSet } from './applied-set.js';
import { Books } from './books.js';

export const OPEN = 1;
export const DEPOSIT = 2;
export const SETTLE = 3;
export const ASK = 4;
export const BOOKS = 5;
export const CLOSE = 6;

const DEPOSIT_HEADER = 13;
const BOOKS_HEADER = 5;

export interface Deposit {
  readonly id: number;
  readonly account: string;
  readonly cents: number;
}

export function encodePlain(kind: typeof OPEN | typeof ASK | typeof CLOSE): Buffer {
  return Buffer.from([kind]);
}

export function encodeDeposit({ id, account, cents }: Deposit): Buffer {
  const message = Buffer.allocUnsafe(DEPOSIT_HEADER + Buffer.byteLength(account));
  message[0] = DEPOSIT;
  message.writeUIntLE(id, 1, 6);
  message.writeUIntLE(cents, 7, 6);
  message.write(account, DEPOSIT_HEADER);
  return message;
}

export function decodeDeposit(message: Buffer): Deposit {
  return {
    id: message.readUIntLE(1, 6),
    cents: message.readUIntLE(7, 6),
    account: message.toString('utf8', DEPOSIT_HEADER),
  };
}

export function encodeSettle(batch: number): Buffer {
  const message = Buffer.alloc(5);
  message[0] = SETTLE;
  message.writeUInt32LE(batch, 1);
  return message;
}

export function decodeSettle(message: Buffer): number {
  return message.readUInt32LE(1);
}

export interface SentBooks {
  readonly books: Books;
  /** Configurations of which their holders have to have most (see Bank). */
  readonly quorums: readonly (readonly number[])[];
}

export function encodeBooks(to: number, { books, quorums }: SentBooks): Buffer {
  const accounts = [...books.accounts].map(([account, holdings]) => [account, [...holdings]]);
  const { floor, beyond } = books.applied;
  const head = Buffer.alloc(BOOKS_HEADER);
  head[0] = BOOKS;
  head.writeUInt32LE(to, 1);
  return Buffer.concat([head, Buffer.from(JSON.stringify({ quorums, accounts, floor, beyond }))]);
}

/** Who asked for these books. */
export function decodeAsker(message: Buffer): number {
  return message.readUInt32LE(1);
}

export function decodeBooks(message: Buffer): SentBooks {
  const { quorums, accounts, floor, beyond } = JSON.parse(message.toString('utf8', BOOKS_HEADER));
  const restored = (accounts as [string, [number, number][]][]).map(
    ([name, holdings]) => [name, new Map(holdings)] as const,
  );
  return { quorums, books: new Books(new Map(restored), new AppliedSet(floor, beyond)) };
}
