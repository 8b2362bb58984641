/** Connections to a stack, and time for both: the stacks' virtual one, and turns of the event loop for the promises of the library. */
import { setImmediate as turn } from 'node:timers/promises';
import { connectThrough } from '../../../src/client/connect.js';
import type { Ais, ConnectOptions } from '../../../src/client/types.js';
import { type LibraryService, noOtherServices, serveLibraries } from '../../../src/executive/libraries.js';
import { connectLocally } from '../../../src/ipc/local.js';
import type { Stack, World } from '../../gmi/support/stacks.js';

/** In process, as Executive.connect() does it. */
export function connect(stack: Stack, options?: ConnectOptions): Ais {
  const link = connectLocally(librariesOf(stack));
  return connectThrough({ evs: stack.evs.connect(), link }, options);
}

/** What an executive has for its connections, with EVS alone. */
export function librariesOf(stack: Stack): LibraryService {
  return serveLibraries({
    nodeId: stack.node,
    evs: () => stack.evs.connect(),
    status: () => {
      throw new Error('a stack has no status');
    },
    services: new Map(),
    serve: noOtherServices,
  });
}

/** Lets so many milliseconds pass in the stacks. */
export async function pass(world: World, milliseconds: number): Promise<void> {
  for (let i = 0; i < milliseconds; i++) {
    world.advance(1);
    await turn();
  }
  await turn();
}

/** What the promise gives, while time passes. */
export async function during<T>(world: World, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const mark = () => {
    isDone = true;
  };
  promise.then(mark, mark);
  for (let i = 0; i < 5000 && !isDone; i++) await pass(world, 1);
  if (!isDone) throw new Error('nothing came of it');
  return promise;
}
