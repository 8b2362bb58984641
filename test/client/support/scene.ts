/** A connection to the first of two executives, and sessions that note what they are given. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import type { Configuration, EvsSession, Message } from '../../../src/client/evs/types.js';
import type { Ais } from '../../../src/client/types.js';
import { type Stack, World } from '../../gmi/support/stacks.js';
import { connect } from './pump.js';

export const bytes = (text: string): Buffer => Buffer.from(text);

export interface Noted {
  readonly session: EvsSession;
  readonly texts: string[];
  readonly events: (Message | Configuration)[];
}

export class Scene {
  readonly world = new World();
  readonly stack: Stack;
  readonly ais: Ais;

  constructor() {
    this.stack = this.world.start(1, { submitBytes: 1 << 12 });
    this.world.start(2);
    this.world.form();
    this.ais = connect(this.stack);
  }

  /** A session that notes what it is given, and has got its first event. */
  async note(groups: string[], from = this.ais): Promise<Noted> {
    const texts: string[] = [];
    const events: (Message | Configuration)[] = [];
    const session = await from.evs.join(groups, {
      message(message) {
        texts.push(message.data.toString());
        events.push(message);
      },
      configuration: (configuration) => events.push(configuration),
    });
    await turn();
    return { session, texts, events };
  }

  async close(): Promise<void> {
    await this.ais[Symbol.asyncDispose]();
    this.world.close();
  }
}

/** A new scene for each test of a file. */
export function useScene(): () => Scene {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.close());
  return () => scene;
}

/** Fills the send queue of a priority. */
export function fill(session: EvsSession, priority: 'high' | 'medium' | 'low' = 'medium'): void {
  const route = session.route({ to: ['nobody'], priority });
  while (route.send(bytes('filler')));
}
