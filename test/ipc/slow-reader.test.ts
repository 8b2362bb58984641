import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { BodyWriter } from '../../src/ipc/body.js';
import { HELLO, PROTOCOL_NAME, PROTOCOL_VERSION } from '../../src/ipc/frame.js';
import { OUTBOX_MAX } from '../../src/ipc/link.js';
import { type Noting, until, useLinks } from './support/link-pair.js';

const links = useLinks();
beforeEach(() => links().serve());

const hello = new BodyWriter()
  .u32(2 + PROTOCOL_NAME.length)
  .u8(HELLO)
  .u8(PROTOCOL_VERSION)
  .rest(PROTOCOL_NAME)
  .finish();

/** A client that has said hello, and reads nothing from then on. */
async function silent(): Promise<{ socket: Socket; handler: Noting; received: () => string; closed: Promise<void> }> {
  const raw = await links().raw();
  raw.socket.write(hello);
  await until(() => raw.received() !== '');
  raw.socket.pause();
  return { ...raw, handler: links().handlers.at(-1)! };
}

test('Events that come one by one for a client that does not read take little more memory than their bytes', async () => {
  const { handler } = await silent();
  const before = process.memoryUsage().external;
  for (let i = 0; i < 4000; i++) {
    handler.link.event(64, 1, 1, Buffer.alloc(200));
    await turn();
  }
  // Those that the kernel took first come on top.
  expect(handler.link.waiting).toBeGreaterThan(400_000);
  expect(process.memoryUsage().external - before).toBeLessThan(4 << 20);
});

test('A client that is dropped because it does not read is told why when it reads again', async () => {
  const { socket, handler, received, closed } = await silent();
  const event = Buffer.alloc(1 << 20);
  for (let i = 0; i < (OUTBOX_MAX >> 20) + 1; i++) handler.link.event(64, 1, 1, event);
  await until(() => handler.isClosed);
  expect(handler.link.waiting).toBeLessThan(2 << 20);
  await delay(1500);
  socket.resume();
  await closed;
  expect(received()).toContain('SA_AIS_ERR_NO_RESOURCES');
});

test('A client that writes on when it is ended is told why', async () => {
  for (let i = 0; i < 20; i++) {
    const { socket, received, closed } = await links().raw();
    socket.write(hello);
    socket.write(Buffer.from([1, 0, 0, 0, 99]));
    for (let written = 0; written < 200 && !socket.destroyed; written++) {
      socket.write(Buffer.alloc(1000));
      await turn();
    }
    await closed;
    expect(received()).toContain('a frame of kind 99');
  }
});
