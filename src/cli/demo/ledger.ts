/** The ledger: deposits as CSV, one a line: account, amount. */
export interface Entry {
  readonly account: string;
  readonly cents: number;
}

/** A line that is no deposit. The message names file and line, and what is wrong. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/** Bytes of an account's name. */
const MAX_ACCOUNT = 64;
const MAX_CENTS = 100_000_000_000;
const MAX_LINE = 4096;

/** The account may stand in quotes, with a quote inside doubled. */
const LINE = /^\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*,\s*(\S*)\s*$/;
const AMOUNT = /^(\d+)(?:\.(\d{1,2}))?$/;

/** The deposit of a line; nothing for an empty line, and for a heading in the first. @throws {LedgerError} */
export function parseLine(text: string, name: string, line: number): Entry | undefined {
  const refuse = (what: string): LedgerError => new LedgerError(`${name}:${line}: ${what}`);
  if (text.length > MAX_LINE) throw refuse(`a line of more than ${MAX_LINE} characters`);
  if (text.trim() === '') return undefined;
  const fields = LINE.exec(text);
  if (fields === null) throw refuse(`expected 'account, amount', found '${text.trim()}'`);
  const account = fields[1]?.replaceAll('""', '"') ?? fields[2]!;
  const amount = fields[3]!;
  if (line === 1 && account.toLowerCase() === 'account' && amount.toLowerCase() === 'amount') return undefined;
  if (account === '') throw refuse('the account has no name');
  if (Buffer.byteLength(account) > MAX_ACCOUNT) throw refuse(`the account's name has more than ${MAX_ACCOUNT} bytes`);
  const parts = AMOUNT.exec(amount);
  if (parts === null) throw refuse(`the amount '${amount}' is no number like 12 or 12.34`);
  const cents = Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  if (cents === 0) throw refuse('a deposit of nothing');
  if (cents > MAX_CENTS) throw refuse(`the amount ${amount} is more than ${MAX_CENTS / 100}`);
  return { account, cents };
}

/** @throws {LedgerError} at the first line that is no deposit; what reading `input` throws. */
export async function* readLedger(input: AsyncIterable<Buffer | string>, name: string): AsyncGenerator<Entry> {
  let number = 0;
  for await (const text of linesOf(input)) {
    number++;
    const entry = parseLine(text, name, number);
    if (entry !== undefined) yield entry;
  }
}

/** Lines without their ends. One that is too long is cut a little beyond the limit: it will be refused. */
async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  // A byte order mark is no part of the first line.
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > 2 * MAX_LINE) break;
  }
  if (rest !== '') yield rest;
}

/** The same entries again and again, until it is enough. */
export async function* repeat(entries: readonly Entry[], isEnough: () => boolean): AsyncGenerator<Entry> {
  while (entries.length > 0 && !isEnough()) yield* entries;
}
