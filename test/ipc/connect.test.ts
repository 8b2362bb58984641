import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AisError } from '../../src/ais-error.js';
import { connect } from '../../src/client/connect.js';
import { BodyWriter } from '../../src/ipc/body.js';
import { connectLink } from '../../src/ipc/connect.js';
import { ANSWER, CREDIT, END, EVENT, PROTOCOL_VERSION, WELCOME } from '../../src/ipc/frame.js';

let folder = '';
let path = '';
let server: Server | undefined;
const sockets = new Set<Socket>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  path = join(folder, 's');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** What pretends to be an executive: one chunk for each that the client sends, from its hello on. */
async function pretend(...chunks: Buffer[]): Promise<void> {
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const left = [...chunks];
    socket.on('data', () => {
      const chunk = left.shift();
      if (chunk !== undefined) socket.write(chunk);
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(path, resolve));
}

function frame(kind: number, body: Uint8Array): Buffer {
  return Buffer.concat([
    new BodyWriter()
      .u32(body.length + 1)
      .u8(kind)
      .finish(),
    body,
  ]);
}

const welcome = frame(WELCOME, new BodyWriter().u8(PROTOCOL_VERSION).u32(7).u8(1).u8(1).text('evs').finish());
const end = (code: string) => frame(END, new BodyWriter().text(code).text('so it is').finish());

describe('Connecting', () => {
  test('is over at its time, with nobody who answers', async () => {
    await pretend();
    await expect(connectLink(path, { timeout: 30 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
    await expect(connect({ socketPath: path, timeout: 0 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
  });

  test('is over at its time also after a welcome', async () => {
    await pretend(welcome);
    await expect(connect({ socketPath: path, timeout: 50 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
  });

  test.each([
    ['before', []],
    ['after', [welcome]],
  ])('is given up with the reason of its signal %s the welcome', async (_, chunks) => {
    await pretend(...chunks);
    const controller = new AbortController();
    const connecting = connect({ socketPath: path, signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 30);
    await expect(connecting).rejects.toBe('enough');
  });

  test('rejects with what the executive says when it ends, before a welcome and after', async () => {
    await pretend(end('SA_AIS_ERR_SECURITY'));
    await expect(connect({ socketPath: path })).rejects.toMatchObject({ code: 'SA_AIS_ERR_SECURITY' });
    server!.close();
    path = join(folder, 't');
    await pretend(Buffer.concat([welcome, end('SA_AIS_ERR_OF_LATER_DAYS')]));
    await expect(connect({ socketPath: path })).rejects.toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
  });

  test('rejects with LIBRARY where EVS answers what cannot be understood', async () => {
    const answer = frame(ANSWER, new BodyWriter().u32(1).u8(0).u8(9).finish());
    await pretend(welcome, answer);
    await expect(connect({ socketPath: path })).rejects.toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
  });

  test('rejects with what EVS answers', async () => {
    const body = new BodyWriter().u32(1).u8(1).text('SA_AIS_ERR_NO_RESOURCES').u32(0).text('too many');
    await pretend(welcome, frame(ANSWER, body.finish()));
    await expect(connect({ socketPath: path })).rejects.toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
  });

  test.runIf(process.getuid!() !== 0)('to a socket that is not for this user rejects with ACCESS', async () => {
    await pretend(welcome);
    chmodSync(path, 0);
    await expect(connect({ socketPath: path })).rejects.toMatchObject({ code: 'SA_AIS_ERR_ACCESS' });
  });

  test('where nobody listens rejects with TRY_AGAIN', async () => {
    for (const missing of [join(folder, 'missing'), folder]) {
      await expect(connect({ socketPath: missing })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
    }
  });
});

test('An executive that sends anything at all ends the link with an AisError', async () => {
  const kinds = fc.constantFrom(WELCOME, ANSWER, EVENT, CREDIT, END, 99);
  const frames = fc.tuple(kinds, fc.uint8Array({ maxLength: 30 })).map(([kind, body]) => frame(kind, body));
  const garbage = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  let chunks: Buffer[] = [];
  const made = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume().end(Buffer.concat(chunks));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(path, resolve));
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(fc.oneof(frames, garbage), { maxLength: 8 }), async (isPolite, parts) => {
      chunks = isPolite ? [welcome, ...parts] : parts;
      const reason = await connectLink(path).then(
        (link) =>
          new Promise((resolve) => {
            link.onEnd = resolve;
          }),
        (error: unknown) => error,
      );
      expect(AisError.is(reason)).toBe(true);
    }),
    { numRuns: 300 },
  );
}, 60_000);
