/**
 * What branches say to each other (little-endian; numbers of deposits and cents take 6 bytes):
 *
 * | kind | body |
 * |---|---|
 * | 1 open | the bank opens its books with the members that deliver this |
 * | 2 deposit | u48 number, u48 cents, account in UTF-8 |
 * | 3 settle | u32 batch: all deposits of this batch were sent before it |
 * | 4 books | the books at the start of a configuration, as JSON: for members that have none |
 * | 5 close | nothing follows; every branch tells what it has |
 */
import { AppliedSet } from './applied-set.js';
import { Books } from './books.js';

export const OPEN = 1;
export const DEPOSIT = 2;
export const SETTLE = 3;
export const BOOKS = 4;
export const CLOSE = 5;

const DEPOSIT_HEADER = 13;

export interface Deposit {
  readonly id: number;
  readonly account: string;
  readonly cents: number;
}

export function encodePlain(kind: typeof OPEN | typeof CLOSE): Buffer {
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

/** The books, and the configurations that their holders have to have most of (see Bank). */
export function encodeBooks(books: Books, quorums: readonly (readonly number[])[]): Buffer {
  const accounts = [...books.accounts].map(([account, holdings]) => [account, [...holdings]]);
  const { floor, beyond } = books.applied;
  const content = { quorums, accounts, floor, beyond };
  return Buffer.concat([Buffer.from([BOOKS]), Buffer.from(JSON.stringify(content))]);
}

export interface SentBooks {
  readonly books: Books;
  readonly quorums: (readonly number[])[];
}

export function decodeBooks(message: Buffer): SentBooks {
  const { quorums, accounts, floor, beyond } = JSON.parse(message.toString('utf8', 1));
  const restored = (accounts as [string, [number, number][]][]).map(
    ([name, holdings]) => [name, new Map(holdings)] as const,
  );
  return { quorums, books: new Books(new Map(restored), new AppliedSet(floor, beyond)) };
}
