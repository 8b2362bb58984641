import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Channel } from '../../bench/hosts/channel.mjs';
import { program } from '../../src/cli/program.js';
import { run } from '../../src/cli/run.js';

let folder = '';
const key = randomBytes(128);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  writeFileSync(join(folder, 'key'), key, { mode: 0o400 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An agent at a port that is free, until `use` has ended. */
async function withAgent(use: (port: number) => Promise<void>): Promise<{ status: number; err: string[] }> {
  const err: string[] = [];
  let isListening: (line: string) => void = () => {};
  const listening = new Promise<string>((resolve) => {
    isListening = resolve;
  });
  const terminal = { out: (text: string) => isListening(text), err: (text: string) => void err.push(text) };
  const line = ['bench-agent', '-k', join(folder, 'key'), '-l', '127.0.0.1:0', '--json'];
  const ended = run(program(terminal), line, terminal);
  await use(JSON.parse(await listening).listening.port);
  process.emit('SIGTERM');
  return { status: await ended, err };
}

function channelTo(port: number, secret: Uint8Array) {
  const channel = new Channel(connect(port, '127.0.0.1'), secret, 'controller');
  const answers: unknown[] = [];
  channel.onMessage = (answer) => void answers.push(answer);
  const closed = new Promise<Error | undefined>((resolve) => {
    channel.onClose = resolve;
  });
  return { channel, answers, closed };
}

test('An agent answers who has its key, and starts nothing but the two programs', async () => {
  const { status } = await withAgent(async (port) => {
    const { channel, answers } = channelTo(port, key);
    channel.send({ ask: 1, do: 'hello' });
    channel.send({ ask: 2, do: 'start', program: 3, launch: { program: 'sh' } });
    await expect.poll(() => answers).toHaveLength(2);
    expect(answers).toEqual([
      { ask: 1, machine: expect.stringContaining('Node') },
      { ask: 2, error: "no program 'sh'" },
    ]);
  });
  expect(status).toBe(0);
});

test('An agent hangs up on who has another key, and does nothing for them', async () => {
  const { err } = await withAgent(async (port) => {
    const { channel, answers, closed } = channelTo(port, randomBytes(128));
    channel.send({ ask: 1, do: 'hello' });
    await closed;
    expect(answers).toEqual([]);
  });
  expect(err.join()).toContain('another key');
});

test('An agent has one benchmark at a time', async () => {
  const { err } = await withAgent(async (port) => {
    const first = channelTo(port, key);
    first.channel.send({ ask: 1, do: 'clock' });
    await expect.poll(() => first.answers).toHaveLength(1);
    await channelTo(port, key).closed;
  });
  expect(err.join()).toContain('refused');
});

test('An agent wants a key file and an address that it can listen at', async () => {
  const err: string[] = [];
  const terminal = { out: () => {}, err: (text: string) => void err.push(text) };
  const type = (...line: string[]) => run(program(terminal), ['bench-agent', ...line], terminal);
  expect(await type()).toBe(2);
  expect(await type('-k', join(folder, 'key'), '-l', '127.0.0.1:port')).toBe(2);
  expect(await type('-k', join(folder, 'missing'))).toBe(1);
  expect(err.join('\n')).toMatch(/--key-file[\s\S]*ADDRESS:PORT[\s\S]*does not exist/);
});
