import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiReference } from '../../scripts/api-reference.mjs';

/** docs/API.md says what the sources say; `npm test -- docs/api -u` writes it. */
const root = join(import.meta.dirname, '../..');

test('The reference of the API is that of the sources', async () => {
  const text = apiReference(root);
  // Each thing that is described has a sentence; the simulator's are only named.
  expect(text.match(/^\| \[.*\| {2}\|$/gm) ?? []).toEqual([]);
  await expect(text).toMatchFileSnapshot(join(root, 'docs/API.md'));
}, 60_000);
