import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OneNode } from '../support/node.js';

let node: OneNode;
beforeEach(async () => {
  node = await OneNode.start();
});
afterEach(() => node.stop(), 30_000);

test('What is written is read again, listed, and gone after unlink', async () => {
  expect(await node.type(['ckpt', 'list'])).toMatchObject({ status: 0, out: 'There are no checkpoints.' });
  await node.json('ckpt', 'create', 'calls', '--sections', '4', '--section-size', '1k', '--retention', '60');
  expect(await node.type(['ckpt', 'sections', 'calls'])).toMatchObject({ out: 'It has no sections.' });
  expect(await node.json('ckpt', 'write', 'calls', 'hello', '-s', 'a')).toMatchObject({ size: 5, created: true });
  expect(await node.json('ckpt', 'write', 'calls', 'hi', '-s', 'a')).toMatchObject({ size: 2, created: false });
  expect(await node.type(['ckpt', 'read', 'calls', 'a'])).toMatchObject({ status: 0, out: 'hi' });
  expect(await node.json('ckpt', 'list')).toMatchObject({
    checkpoints: [{ name: 'calls', numberOfSections: 1, memoryUsed: 2, attributes: { retentionDuration: 60_000 } }],
  });
  expect((await node.type(['ckpt', 'show', 'calls'])).out).toContain('1 of 4, of at most 1024 bytes each');
  expect(await node.json('ckpt', 'unlink', 'calls')).toEqual({ name: 'calls' });
  expect(await node.json('ckpt', 'list')).toEqual({ checkpoints: [] });
});

test('An offset writes over what is there, and reads from there', async () => {
  await node.json('ckpt', 'create', 'one');
  await node.json('ckpt', 'write', 'one', 'abcdef');
  await node.json('ckpt', 'write', 'one', 'XY', '--offset', '2');
  expect(await node.type(['ckpt', 'read', 'one'])).toMatchObject({ out: 'abXYef' });
  const part = await node.json('ckpt', 'read', 'one', '--offset', '1', '--length', '3');
  expect(part).toMatchObject({ section: '', offset: 1, size: 3, content: { encoding: 'utf8', data: 'bXY' } });
  expect((await node.type(['ckpt', 'sections', 'one'])).out).toContain('(the default section)');
});

test('Bytes that are no text go through files as they are, and are shown in hexadecimal', async () => {
  const [source, target] = [join(node.folder, 'source'), join(node.folder, 'target')];
  writeFileSync(source, Buffer.from([0xff, 0x00, 0x1b]));
  await node.json('ckpt', 'create', 'bytes');
  await node.json('ckpt', 'write', 'bytes', '-f', source);
  expect((await node.type(['ckpt', 'read', 'bytes'])).out).toBe('0xff001b');
  expect(await node.json('ckpt', 'read', 'bytes')).toMatchObject({ content: { encoding: 'base64', data: '/wAb' } });
  const { out, err } = await node.type(['ckpt', 'read', 'bytes', '-o', target]);
  expect({ out, err }).toEqual({ out: '', err: `Wrote 3 bytes to ${target}.` });
  expect(readFileSync(target)).toEqual(readFileSync(source));
});

test('A section that moves the cursor is shown, and does not', async () => {
  await node.json('ckpt', 'create', 'odd', '--sections', '2');
  await node.json('ckpt', 'write', 'odd', '\u001b[2J', '-s', '\u001b]0;x\u0007');
  for (const line of [
    ['sections', 'odd'],
    ['read', 'odd', '\u001b]0;x\u0007'],
  ])
    expect((await node.type(['ckpt', ...line])).out).not.toContain('\u001b');
});

test('Errors say what to do', async () => {
  const missing = await node.type(['ckpt', 'read', 'none']);
  expect(missing.status).toBe(1);
  expect(missing.err).toMatch(/no checkpoint 'none'.*ais ckpt list/);
  await node.json('ckpt', 'create', 'one');
  expect((await node.type(['ckpt', 'create', 'one', '--sections', '2'])).err).toContain('ais ckpt show');
  await node.json('ckpt', 'create', 'two', '--sections', '2');
  expect((await node.type(['ckpt', 'read', 'two', 'x'])).err).toContain('ais ckpt sections');
  expect((await node.type(['ckpt', 'write', 'two', 'x', '-s', 'x', '--offset', '5'])).err).toContain('--offset');
});

test('Data or a file is wanted, one of them: nothing is overwritten by nothing', async () => {
  await node.json('ckpt', 'create', 'one');
  await node.json('ckpt', 'write', 'one', 'precious');
  for (const more of [[], ['x', '-f', 'file']]) {
    const { status, err } = await node.type(['ckpt', 'write', 'one', ...more]);
    expect(status).toBe(2);
    expect(err).toContain('either data or --file');
  }
  expect((await node.type(['ckpt', 'write', 'one', '-f', join(node.folder, 'none')])).err).toContain('ENOENT');
  expect((await node.type(['ckpt', 'write', 'one', '-f', '/dev/zero'])).err).toContain('more than 67108864 bytes');
  expect((await node.type(['ckpt', 'read', 'one'])).out).toBe('precious');
  await node.json('ckpt', 'write', 'one', '');
  expect(await node.json('ckpt', 'read', 'one')).toMatchObject({ size: 0 });
});

test('Numbers that are none are refused before anything is asked', async () => {
  for (const option of ['--sections=x', '--section-size=1G', '--retention=-1', '--retention=', '--timeout=1e9'])
    expect((await node.type(['ckpt', 'create', 'one', option])).status).toBe(2);
  expect(await node.json('ckpt', 'list')).toEqual({ checkpoints: [] });
});
