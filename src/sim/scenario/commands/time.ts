/** Time passes. */
import { MILLISECOND, SECOND } from '../../time.js';
import type { World } from '../world.js';
import type { Command } from './command.js';

const advance: Command = {
  name: 'advance',
  usage: 'advance TIME',
  run: (world, words) => {
    const time = words.duration();
    words.end();
    world.cluster.run(world.cluster.queue.now + time);
    return [];
  },
};

/** How often it is looked at. */
const LOOK = 10 * MILLISECOND;
const SETTLE_DEFAULT = 20 * SECOND;

/** Everyone is in one configuration with all whom it reaches, and that for a while. */
const settle: Command = {
  name: 'settle',
  usage: 'settle [TIME]',
  run: (world, words) => {
    const limit = words.left > 0 ? words.duration() : SETTLE_DEFAULT;
    words.end();
    const { cluster } = world;
    const start = cluster.queue.now;
    while (cluster.queue.now < start + limit) {
      cluster.run(cluster.queue.now + LOOK);
      if (isSettled(world)) return [];
    }
    return [`not settled after ${limit / MILLISECOND} ms`];
  },
};

function isSettled({ cluster }: World): boolean {
  for (const { process } of cluster.machines) process?.finish();
  return cluster.reachability().every(({ process, reaches }) => {
    const record = cluster.recorder.processes.find((one) => one.process === process);
    const last = record?.events.findLast((event) => event.kind === 'configuration' || event.kind === 'freeze');
    if (last?.kind !== 'configuration' || last.configuration !== 'regular') return false;
    const others = last.members.filter(({ node }) => node !== process.node).map(({ node }) => node);
    return others.length === reaches.length && reaches.every((node) => others.includes(node));
  });
}

export const timeCommands: readonly Command[] = [advance, settle];
