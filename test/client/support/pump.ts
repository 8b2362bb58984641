/** Connections to a stack, and time for both: the stacks' virtual one, and turns of the event loop for the promises of the library. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { aisError } from '../../../src/ais-error.js';
import { connect as connectSocket, connectThrough } from '../../../src/client/connect.js';
import type { Ais, ConnectOptions } from '../../../src/client/types.js';
import { type LibraryService, serveLibraries } from '../../../src/executive/libraries.js';
import type { ExecutiveLink, RequestHandler } from '../../../src/ipc/link.js';
import { connectLocally } from '../../../src/ipc/local.js';
import { serveConnections } from '../../../src/ipc/server.js';
import type { Stack, World } from '../../gmi/support/stacks.js';
import { noOtherServices } from '../../ipc/support/no-services.js';

/** In process, as Executive.connect() does it. */
export function connect(stack: Stack, options?: ConnectOptions): Promise<Ais> {
  return connectThrough(() => connectLocally(librariesOf(stack)).library, options);
}

/** What an executive has for its connections, with EVS alone. */
export function librariesOf(stack: Stack, serve = noOtherServices): LibraryService {
  return serveLibraries({
    nodeId: stack.node,
    evs: stack.evs,
    status: () => {
      throw new Error('a stack has no status');
    },
    leave: () => {
      throw new Error('a stack leaves no ring');
    },
    services: new Map([['third', 64]]),
    serve,
  });
}

/** Through a Unix socket, as a process of its own would do it. */
export async function connectThroughSocket(
  stack: Stack,
  options?: ConnectOptions,
  serve?: (link: ExecutiveLink) => RequestHandler,
): Promise<Ais> {
  const folder = mkdtempSync(join(tmpdir(), 'openais-'));
  const socketPath = join(folder, 'ais.sock');
  const server = await serveConnections(socketPath, {
    ...librariesOf(stack, serve),
    refuse: () => undefined,
    ended: () => {},
  });
  const ais = await connectSocket({ ...options, socketPath });
  servers.push(async () => {
    await server.close(aisError('SA_AIS_ERR_LIBRARY', 'test', 'the test is over'));
    rmSync(folder, { recursive: true });
  });
  return ais;
}

const servers: (() => Promise<void>)[] = [];

/** Ends all that connectThroughSocket() has begun: before the stacks go. */
export async function closeSockets(): Promise<void> {
  await Promise.all(servers.splice(0).map((close) => close()));
  await turn();
}

/** Turns of the event loop in which bytes get through a socket there and back. */
const TURNS = 8;

/** Lets so many milliseconds pass in the stacks. */
export async function pass(world: World, milliseconds: number): Promise<void> {
  for (let i = 0; i < milliseconds; i++) {
    world.advance(1);
    await turn();
  }
  for (let i = 0; i < TURNS; i++) await turn();
}

/** What the promise gives, while time passes. */
export async function during<T>(world: World, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const mark = () => {
    isDone = true;
  };
  promise.then(mark, mark);
  for (let i = 0; i < 5000 && !isDone; i++) {
    world.advance(1);
    await turn();
  }
  for (let i = 0; i < TURNS; i++) await turn();
  if (!isDone) throw new Error('nothing came of it');
  return promise;
}
