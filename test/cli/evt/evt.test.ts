import { afterEach, beforeEach, expect, test } from 'vitest';
import { OneNode } from '../support/node.js';

let node: OneNode;
beforeEach(async () => {
  node = await OneNode.start();
});
afterEach(() => node.stop(), 30_000);

const retained = ['--retention', '60'];

test('A retained event comes to who subscribes later, with its patterns', async () => {
  const { eventId } = await node.json('evt', 'publish', 'news', 'rain', '-p', 'weather', '-p', 'here', ...retained);
  expect(await node.json('evt', 'list')).toEqual({
    channels: [{ name: 'news', openers: 0, retainedEvents: 1, unlinked: false }],
  });
  expect(await node.json('evt', 'subscribe', 'news', '--count', '1')).toMatchObject({
    eventId,
    lost: false,
    patterns: [{ data: 'weather' }, { data: 'here' }],
    publisherName: 'ais',
    content: { encoding: 'utf8', data: 'rain' },
  });
  const { out } = await node.type(['evt', 'subscribe', 'news', '--count', '1']);
  expect(out).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}ais \[weather, here\]: rain$/);
});

test('Filters choose: each for the pattern at its place', async () => {
  for (const [data, pattern] of [
    ['a', 'x.one'],
    ['b', 'y.one'],
    ['c', 'x.two'],
  ] as const)
    await node.json('evt', 'publish', 'news', data, '-p', pattern, ...retained);
  const taken = async (...filters: string[]) => {
    const line = [
      'evt',
      'subscribe',
      'news',
      '--for',
      '0.2',
      '--json',
      ...filters.flatMap((text) => ['--filter', text]),
    ];
    const { out } = await node.type(line);
    return out === '' ? [] : out.split('\n').map((text) => JSON.parse(text).content.data);
  };
  expect(await taken('prefix:x.')).toEqual(['a', 'c']);
  expect(await taken('suffix:one')).toEqual(['a', 'b']);
  expect(await taken('exact:x.two')).toEqual(['c']);
  expect(await taken('pass-all')).toEqual(['a', 'b', 'c']);
  expect(await taken('pass-all', 'exact:more')).toEqual([]);
  expect((await node.type(['evt', 'subscribe', 'news', '--filter', 'regex:x'])).status).toBe(2);
});

test('It goes on until a signal comes, and takes its handlers with it', async () => {
  const before = process.listenerCount('SIGINT');
  let heard = 0;
  const onOut = () => {
    heard++;
    if (heard === 2) process.emit('SIGINT');
  };
  await node.json('evt', 'publish', 'news', 'one', ...retained);
  const subscribed = node.type(['evt', 'subscribe', 'news'], { onOut });
  await expect.poll(() => heard).toBe(1);
  await node.json('evt', 'publish', 'news', 'two');
  expect(await subscribed).toMatchObject({ status: 0, err: '' });
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('It ends with the executive, and says so', async () => {
  let isThere = false;
  await node.json('evt', 'publish', 'news', 'one', ...retained);
  const onOut = () => {
    isThere = true;
  };
  const subscribed = node.type(['evt', 'subscribe', 'news'], { onOut });
  await expect.poll(() => isThere).toBe(true);
  await node.stop();
  const { status, err } = await subscribed;
  expect(status).toBe(1);
  expect(err).toMatch(/the executive .*ended/);
});

test('A channel that is not there cannot be unlinked, and a list says which are', async () => {
  expect((await node.type(['evt', 'unlink', 'none'])).err).toContain('ais evt list');
  await node.json('evt', 'publish', 'news', 'one', ...retained);
  expect(await node.type(['evt', 'unlink', 'news'])).toMatchObject({ status: 0, out: 'Unlinked news.' });
  expect(await node.type(['evt', 'list'])).toMatchObject({ out: 'There are no event channels.' });
});
