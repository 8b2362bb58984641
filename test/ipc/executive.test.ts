import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aisError } from '../../src/ais-error.js';
import { connectLink } from '../../src/ipc/connect.js';
import { Dispatcher } from '../../src/ipc/dispatcher.js';
import { EXECUTIVE, executiveHandler, LEAVE, STATUS } from '../../src/ipc/executive.js';
import { leaveRing } from '../../src/ipc/leave.js';
import type { Answer, LibraryLink } from '../../src/ipc/link.js';
import { type ConnectionServer, serveConnections } from '../../src/ipc/server.js';
import type { Status } from '../../src/observe/status.js';
import { noOtherServices } from './support/no-services.js';

let folder = '';
let path = '';
let server: ConnectionServer;
let asked: (() => void)[] = [];
let isOperator = true;
const over = () => server.close(aisError('SA_AIS_ERR_LIBRARY', 'test', 'the executive has ended'));
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  path = join(folder, 'ais.sock');
  asked = [];
  isOperator = true;
  server = await serveConnections(path, {
    refuse: () => undefined,
    isOperator: () => isOperator,
    welcome: () => ({ nodeId: 1, services: new Map() }),
    serve: (link, operates) =>
      new Dispatcher(link, (own) => ({
        prompt: new Map([
          [
            EXECUTIVE,
            executiveHandler(own, {
              status: () => ({}) as Status,
              leave: operates ? (left) => void asked.push(left) : undefined,
            }),
          ],
        ]),
        others: noOtherServices(own),
      })),
    ended: () => {},
  });
});
afterEach(async () => {
  await over();
  rmSync(folder, { recursive: true });
});

function ask(link: LibraryLink, fn: number, body = new Uint8Array(0)): Promise<Answer> {
  return new Promise((resolve) => link.request(EXECUTIVE, fn, 0, body, resolve));
}

test('A request to leave is answered when the ring is left, and done when the socket has ended', async () => {
  let isDone = false;
  const leaving = leaveRing(path, 5000).then(() => {
    isDone = true;
  });
  await expect.poll(() => asked).toHaveLength(1);
  asked[0]!();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isDone).toBe(false);
  await over();
  await leaving;
});

test('An end that comes with the answer is not missed', async () => {
  const start = performance.now();
  const leaving = leaveRing(path, 5000);
  await expect.poll(() => asked).toHaveLength(1);
  asked[0]!();
  void over();
  await leaving;
  expect(performance.now() - start).toBeLessThan(3000);
});

test('An end without an answer is an error', async () => {
  const leaving = leaveRing(path, 5000);
  await expect.poll(() => asked).toHaveLength(1);
  void over();
  await expect(leaving).rejects.toThrow('the executive has ended');
});

test('A ring that is not left in time is an error', async () => {
  await expect(leaveRing(path, 100)).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', operation: 'leave' });
});

test('Who is no operator is refused, and so is what is no request', async () => {
  isOperator = false;
  await expect(leaveRing(path, 5000)).rejects.toMatchObject({ code: 'SA_AIS_ERR_ACCESS' });
  isOperator = true;
  const link = await connectLink(path);
  expect(await ask(link, LEAVE, Buffer.from('x'))).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  expect(await ask(link, STATUS, Buffer.from('x'))).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  expect(await ask(link, 77)).toMatchObject({ code: 'SA_AIS_ERR_NOT_SUPPORTED' });
  expect(await ask(link, STATUS)).toMatchObject({ code: 'SA_AIS_OK' });
  expect(asked).toEqual([]);
  link.close();
});
