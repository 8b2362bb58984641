/** The end of the show: what every processor has in its books, side by side. */
import type { Report } from './protocol.js';

/** Accounts that are shown; the total and the hash are over all of them. */
const MAX_ROWS = 16;

export function money(cents: number): string {
  const whole = Math.floor(cents / 100).toLocaleString('en-US');
  return `${whole}.${String(cents % 100).padStart(2, '0')}`;
}

/** Rows of equal width: the first column to the left, the others to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
}

/** Every processor's balances of the same books: equal columns, if the ring keeps its promises. */
export function balances(reports: ReadonlyMap<number, Report>): string[] {
  const columns = [...reports.values()].map(({ accounts }) => {
    return new Map(
      accounts.map(({ account, holdings }) => [account, holdings.reduce((sum, [, cents]) => sum + cents, 0)]),
    );
  });
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort();
  const cell = (cents: number | undefined) => (cents === undefined ? '-' : money(cents));
  const rows = [
    ['account', ...[...reports.keys()].map((node) => `on ${node}`)],
    ...names.slice(0, MAX_ROWS).map((name) => [name, ...columns.map((column) => cell(column.get(name)))]),
    ['total', ...[...reports.values()].map(({ total }) => money(total))],
    ['deposits', ...[...reports.values()].map(({ deposits }) => deposits.toLocaleString('en-US'))],
    ['hash', ...[...reports.values()].map(({ hash }) => hash.slice(0, 12))],
  ];
  const lines = align(rows);
  if (names.length > MAX_ROWS) lines.splice(1 + MAX_ROWS, 0, `… and ${names.length - MAX_ROWS} more accounts`);
  return lines;
}

/** What each branch holds, by one of the reports. */
export function holdings({ accounts }: Report): ReadonlyMap<number, number> {
  const held = new Map<number, number>();
  for (const account of accounts) {
    for (const [branch, cents] of account.holdings) held.set(branch, (held.get(branch) ?? 0) + cents);
  }
  return new Map([...held].sort(([a], [b]) => a - b));
}
