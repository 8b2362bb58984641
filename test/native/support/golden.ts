/** Golden files: what crosses the boundary, as hex that the tests in TypeScript and in C++ both read. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../../golden/${name}.txt`, import.meta.url));

/** A file is blocks with an empty line between them: a line with the name, then lines of hex. */
export function readGolden(name: string): Map<string, Uint8Array> {
  const blocks = readFileSync(path(name), 'utf8').trimEnd().split('\n\n');
  return new Map(
    blocks.map((block) => {
      const [title = '', ...lines] = block.split('\n');
      return [title, Uint8Array.from(Buffer.from(lines.join('').replaceAll(' ', ''), 'hex'))] as const;
    }),
  );
}

/** With UPDATE_GOLDEN=1 the files are recorded anew: read the difference before you keep it. */
export const isRecording = process.env.UPDATE_GOLDEN === '1';

export function writeGolden(name: string, blocks: ReadonlyMap<string, Uint8Array>): void {
  const text = [...blocks].map(([title, bytes]) => `${title}\n${hexLines(bytes)}\n`).join('\n');
  writeFileSync(path(name), text);
}

/** 16 bytes a line, in words of 4. */
export function hexLines(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return (hex.match(/.{1,32}/g) ?? []).map((line) => (line.match(/.{1,8}/g) ?? []).join(' ')).join('\n');
}
