import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { channelNames, publish } from '../../src/observe/channels.js';

test('docs/DAEMON.md has the channels that there are, all of them and no others', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/DAEMON.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `(openais:[a-z]+)` \|/gm)].map(([, name]) => name);
  expect(documented).toEqual(channelNames);
});

test('A message reaches who subscribed, with the node that speaks, and nobody else', () => {
  const heard: unknown[] = [];
  const listener = (message: unknown) => void heard.push(message);
  subscribe('openais:synchronized', listener);
  publish('openais:synchronized', 7, { id: 'x', primary: true });
  publish('openais:reload', 7, { applied: [], restart: [] });
  unsubscribe('openais:synchronized', listener);
  publish('openais:synchronized', 7, { id: 'y', primary: true });
  expect(heard).toEqual([{ node: 7, id: 'x', primary: true }]);
});
