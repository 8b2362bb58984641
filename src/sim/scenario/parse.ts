/**
 * A scenario is a text: blocks of commands, each followed by a line `----` and what the commands printed. Blocks are separated by
 * empty lines; lines that start with # are remarks and stay where they are.
 */

export interface Block {
  /** Remarks and empty lines before the commands, as they stand. */
  readonly before: readonly string[];
  readonly commands: readonly { readonly line: number; readonly words: readonly string[]; readonly text: string }[];
  /** What was recorded. */
  readonly expected: readonly string[];
}

export interface Scenario {
  readonly blocks: readonly Block[];
  /** Remarks behind the last block. */
  readonly after: readonly string[];
}

const SEPARATOR = '----';

/** Nothing is checked here but the form; it never throws. */
export function parseScenario(text: string): Scenario {
  const lines = text.replace(/\n$/, '').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  for (;;) {
    const before: string[] = [];
    while (at < lines.length && isRemark(lines[at] as string)) before.push(lines[at++] as string);
    if (at >= lines.length) return { blocks, after: before };
    const commands: Block['commands'][number][] = [];
    for (; at < lines.length && lines[at] !== SEPARATOR && lines[at] !== ''; at++) {
      const line = lines[at] as string;
      if (!line.startsWith('#')) commands.push({ line: at + 1, words: line.trim().split(/\s+/), text: line });
    }
    const expected: string[] = [];
    if (lines[at] === SEPARATOR) {
      for (at++; at < lines.length && lines[at] !== ''; at++) expected.push(lines[at] as string);
    }
    blocks.push({ before, commands, expected });
  }
}

/** The text with other results. */
export function formatScenario({ blocks, after }: Scenario, results: readonly (readonly string[])[]): string {
  const parts = blocks.flatMap(({ before, commands }, index) => [
    ...before,
    ...commands.map(({ text }) => text),
    SEPARATOR,
    ...(results[index] ?? []),
  ]);
  return `${[...parts, ...after].join('\n')}\n`;
}

function isRemark(line: string): boolean {
  return line === '' || line.startsWith('#');
}
