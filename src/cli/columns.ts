/** Text for people: tables of at most 80 columns. What comes from a cluster is made harmless for a terminal here. */
import type { Terminal } from './terminal.js';

export const WIDTH = 80;
const INDENT = '  ';
const GAP = '  ';

const colors = { red: 31, green: 32, yellow: 33 } as const;
export type Color = keyof typeof colors;

/** A word in a color, where the terminal has any. */
export interface Painted {
  readonly text: string;
  readonly color: Color;
}
export type Cell = string | Painted;

export function painted(text: string, color: Color): Painted {
  return { text, color };
}

/** Names two columns wide: most of what is written in East Asia, and pictures. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** A name or data may hold what moves the cursor, or turns the direction of the text. */
const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function printable(text: string): string {
  return text.replace(harmful, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}

/** Rows under their headings. The widest column gives way until all fit; what does not, ends in '…'. Numbers stand to the right. */
export function columns(terminal: Terminal, headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [headings, ...rows].map((row) => row.map((cell) => printable(textOf(cell))));
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => widthOf(row[column]!))));
  const room = WIDTH - INDENT.length - GAP.length * (headings.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) widths[widths.indexOf(Math.max(...widths))]!--;
  const isNumber = headings.map((_, column) => rows.every((row) => /^(-|\d+(\.\d+)?)$/.test(textOf(row[column]!))));
  const lines = texts.map((row, index) => {
    const cells = row.map((text, column) => {
      const width = widths[column]!;
      const fitted = shorten(text, width);
      const space = ' '.repeat(width - widthOf(fitted));
      const word = paint(terminal, fitted, index === 0 ? undefined : rows[index - 1]![column]);
      return isNumber[column] ? `${space}${word}` : `${word}${space}`;
    });
    return `${INDENT}${cells.join(GAP)}`.trimEnd();
  });
  return lines.join('\n');
}

/** Two columns, the first as wide as its longest word. A value that is too long goes on below its beginning. */
export function table(rows: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const below = ' '.repeat(INDENT.length + width + GAP.length);
  return rows
    .map(([name, value]) => {
      const lines = wrap(printable(value), WIDTH - below.length);
      return `${INDENT}${name.padEnd(width)}${GAP}${lines.join(`\n${below}`)}`;
    })
    .join('\n');
}

/** Lines of at most `width` columns, between words where that can be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (widthOf(line) > width) {
      const start = startOf(line, width);
      lines.push(start);
      line = line.slice(start.length);
    }
  }
  return [...lines, line];
}

export function paint({ hasColors = false }: Terminal, text: string, cell: Cell | undefined): string {
  if (!hasColors || cell === undefined || typeof cell === 'string') return text;
  return `\u001b[${colors[cell.color]}m${text}\u001b[0m`;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function shorten(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${startOf(text, width - 1)}…`;
}

/** As many whole characters as fit. */
function startOf(text: string, width: number): string {
  let start = '';
  let left = width;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    start += character;
  }
  return start;
}
