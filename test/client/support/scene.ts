/** A connection to the first of two executives, and sessions that note what they are given. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe } from 'vitest';
import type { Configuration, EvsSession, Message } from '../../../src/client/evs/types.js';
import type { Ais } from '../../../src/client/types.js';
import { type Stack, World } from '../../gmi/support/stacks.js';
import { closeSockets, connect, connectThroughSocket } from './pump.js';

export const bytes = (text: string): Buffer => Buffer.from(text);

export interface Noted {
  readonly session: EvsSession;
  readonly texts: string[];
  readonly events: (Message | Configuration)[];
}

/** How the library reaches the executive. */
export type Way = 'in process' | 'through a socket';
export const WAYS: readonly Way[] = ['in process', 'through a socket'];

export class Scene {
  readonly world = new World();
  readonly stack: Stack;
  readonly way: Way;
  ais!: Ais;

  constructor(way: Way) {
    this.way = way;
    this.stack = this.world.start(1, { submitBytes: 1 << 12 });
    this.world.start(2);
    this.world.form();
  }

  async connect(stack = this.stack): Promise<Ais> {
    return this.way === 'in process' ? connect(stack) : connectThroughSocket(stack);
  }

  /** A session that notes what it is given, and has got its first event. */
  async note(groups: string[], from = this.ais): Promise<Noted> {
    const texts: string[] = [];
    const events: (Message | Configuration)[] = [];
    const joined = from.evs.join(groups, {
      message(message) {
        texts.push(message.data.toString());
        events.push(message);
      },
      configuration: (configuration) => events.push(configuration),
    });
    const session = await joined;
    for (let i = 0; i < 4; i++) await turn();
    return { session, texts, events };
  }

  async close(): Promise<void> {
    await this.ais[Symbol.asyncDispose]();
    await closeSockets();
    this.world.close();
  }
}

/** A new scene for each test of a file. */
export function useScene(way: Way = 'in process'): () => Scene {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene(way);
    scene.ais = await scene.connect();
  });
  afterEach(() => scene.close());
  return () => scene;
}

/** The tests of a file, once for each way. */
export function eachWay(tests: (scene: () => Scene, way: Way) => void): void {
  describe.each(WAYS)('%s', (way) => tests(useScene(way), way));
}

/** Fills the send queue of a priority. */
export function fill(session: EvsSession, priority: 'high' | 'medium' | 'low' = 'medium'): void {
  const route = session.route({ to: ['nobody'], priority });
  while (route.send(bytes('filler')));
}
