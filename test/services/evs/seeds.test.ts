/**
 * What sessions see must not depend on when an executive looks at what was delivered to it, on which sessions close meanwhile, nor on how
 * often the ring changes: seeded runs with crashes, starts, partitions, busy loops and deliveries that are read late.
 */
import { expect, test } from 'vitest';
import type { ConfigurationEvent, EvsDelivery, EvsSink } from '../../../src/ipc/evs.js';
import type { EvsSessionHandler } from '../../../src/services/evs/session.js';
import { Random } from '../../../src/sim/random.js';
import { type Stack, World } from '../../gmi/support/stacks.js';
import { open, sendTo } from './support/sessions.js';

const NODES = [1, 2, 3, 4];
const STEPS = 150;
const LISTS = [['a'], ['b'], ['a', 'b'], ['c']];
const SIZES = [1, 1, 1, 1, 4000];

/** All that a session is given, by configuration. */
class Diary implements EvsSink {
  readonly stays: { readonly id: string; readonly messages: string[] }[] = [];

  message({ groups, sender, memory, start, end }: EvsDelivery): boolean {
    this.stays
      .at(-1)!
      .messages.push(`${sender} ${groups} ${Number.parseInt(memory.toString('latin1', start, end), 10)}`);
    return true;
  }

  configuration({ id }: ConfigurationEvent): boolean {
    this.stays.push({ id, messages: [] });
    return true;
  }

  endOfBatch(): void {}

  ended(): void {}
}

const mute: EvsSink = { message: () => true, configuration: () => true, endOfBatch() {}, ended() {} };

class Run {
  readonly world = new World();
  readonly diaries: Diary[] = [];
  readonly #random: Random;
  #senders: { readonly stack: Stack; readonly session: EvsSessionHandler }[] = [];
  #lives = 0n;
  #messages = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    for (const node of NODES) this.#start(node);
  }

  step(): void {
    const { world } = this;
    const random = this.#random;
    const stack = random.pick([...world.stacks.values()]);
    switch (random.below(14)) {
      case 0:
        if (world.stacks.size > 2) world.kill(stack.node);
        break;
      case 1:
      case 2:
        this.#start(random.pick(NODES));
        break;
      case 3:
        world.partition([1, random.between(2, 4)], [random.between(2, 4), 4]);
        break;
      case 4:
        world.partition();
        break;
      case 5:
        stack.isBusy = !stack.isBusy;
        break;
      case 6:
        stack.budget = random.below(3);
        break;
      case 7:
        this.#wake();
        break;
      case 8:
        this.#senders.pop()?.session.close();
        break;
      default:
        this.#send(stack);
    }
    this.#senders = this.#senders.filter((sender) => world.stacks.get(sender.stack.node) === sender.stack);
    world.advance(random.chance(0.2) ? 300 : random.below(20));
  }

  /** Everybody reads and hears everybody. */
  finish(): void {
    this.world.partition();
    this.#wake();
    this.world.form();
    this.world.advance(200);
  }

  #start(node: number): void {
    const { world } = this;
    if (world.stacks.has(node)) return;
    this.#lives++;
    const stack = world.start(node, { incarnation: this.#lives, submitBytes: 1 << 14 });
    world.until(() => stack.messaging.regular !== undefined, 1000);
    const diary = new Diary();
    this.diaries.push(diary);
    open(stack, diary, 'a', 'b');
  }

  #wake(): void {
    for (const stack of this.world.stacks.values()) {
      stack.isBusy = false;
      stack.budget = Number.POSITIVE_INFINITY;
    }
  }

  #send(stack: Stack): void {
    const random = this.#random;
    let sender = this.#senders.find((one) => one.stack === stack);
    if (sender === undefined || random.chance(0.3)) {
      sender = { stack, session: open(stack, mute) };
      this.#senders.push(sender);
    }
    for (let i = random.below(6); i >= 0; i--) {
      const destination = sender.session.destination(random.pick(LISTS), random.pick([1, 2, 3]), random.chance(0.3));
      sendTo(destination, `${this.#messages++}`.padEnd(random.pick(SIZES), '.'));
    }
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))('All who go together are given the same: seed %i', (seed) => {
  const run = new Run(seed);
  for (let i = 0; i < STEPS; i++) run.step();
  run.finish();
  const given = new Map<string, string>();
  for (const { stays } of run.diaries) {
    // The first configuration had begun before its session was there.
    for (let i = 1; i + 1 < stays.length; i++) {
      const way = `${stays[i]!.id} to ${stays[i + 1]!.id}`;
      const messages = stays[i]!.messages.join('\n');
      expect(messages, way).toBe(given.get(way) ?? messages);
      given.set(way, messages);
    }
  }
  for (const { evs } of run.world.stacks.values()) expect(evs.stats.violations).toBe(0);
  run.world.close();
});
