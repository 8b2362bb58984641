/** What happens to the network. */
import type { LinkQuality } from '../../network.js';
import { ScenarioError, type Words } from '../words.js';
import type { World } from '../world.js';
import type { Command } from './command.js';

const partition: Command = {
  name: 'partition',
  usage: 'partition NODE... | NODE... [| NODE...]',
  run: (world, words) => {
    const groups = world.allNodes().map(() => 0);
    let group = 1;
    while (words.left > 0) {
      if (words.has('|')) group++;
      else groups[world.checkNode(words.node())] = group;
    }
    if (groups.includes(0)) throw new ScenarioError('every node is on one side');
    world.cluster.apply({ do: 'partition', groups });
    return [];
  },
};

function oneLink(name: string, action: 'cut' | 'mend'): Command {
  return {
    name,
    usage: `${name} FROM TO [both]`,
    run: (world, words) => {
      const from = world.checkNode(words.node());
      const to = world.checkNode(words.node());
      world.cluster.apply({ do: action, from, to });
      if (words.has('both')) world.cluster.apply({ do: action, from: to, to: from });
      words.end();
      return [];
    },
  };
}

const heal: Command = {
  name: 'heal',
  usage: 'heal',
  run: (world, words) => {
    words.end();
    world.cluster.apply({ do: 'heal' });
    return [];
  },
};

/** `from NODE` and `to NODE`, in any order; left out: all. */
function scope(world: World, words: Words): { from?: number; to?: number } {
  const ends: { from?: number; to?: number } = {};
  while (words.left > 0) {
    const end = words.oneOf('an end', ['from', 'to']);
    ends[end] = world.checkNode(words.node());
  }
  return ends;
}

function quality(name: string, usage: string, read: (words: Words) => Partial<LinkQuality>): Command {
  return {
    name,
    usage: `${name} ${usage} [from NODE] [to NODE]`,
    run: (world, words) => {
      const change = read(words);
      world.cluster.apply({ do: 'quality', ...scope(world, words), change });
      return [];
    },
  };
}

function readLoss(words: Words): Partial<LinkQuality> {
  const amount = words.percentage();
  if (words.has('data')) return { dataLoss: amount };
  if (words.has('token')) return { tokenLoss: amount };
  return { loss: amount };
}

function readDelay(words: Words): Partial<LinkQuality> {
  const delay = words.duration();
  return { delay: { median: delay, p99: delay, max: delay } };
}

function readDuplicate(words: Words): Partial<LinkQuality> {
  const duplicate = words.percentage();
  const copies = words.times();
  const reorderDelay = words.has('within') ? words.duration() : 1_000_000;
  return { duplicate, copies, reorderDelay };
}

function readReorder(words: Words): Partial<LinkQuality> {
  const reorder = words.percentage();
  if (!words.has('within')) throw new ScenarioError("'within' is missing");
  return { reorder, reorderDelay: words.duration() };
}

/** Somebody in the middle. */
function tap(name: 'withhold' | 'record'): Command {
  return {
    name,
    usage: `${name} FROM TO`,
    run: (world, words) => {
      const from = world.checkNode(words.node());
      const to = world.checkNode(words.node());
      words.end();
      world.cluster.apply({ do: 'tap', from, to, withhold: name === 'withhold' });
      return [];
    },
  };
}

function ofTap(name: string, action: 'closeTap' | 'release'): Command {
  return {
    name,
    usage: `${name} FROM TO`,
    run: (world, words) => {
      const from = world.checkNode(words.node());
      const to = world.checkNode(words.node());
      words.end();
      world.cluster.apply({ do: action, from, to });
      return [];
    },
  };
}

const quiet: Command = {
  name: 'quiet',
  usage: 'quiet',
  run: (world, words) => {
    words.end();
    world.cluster.apply({ do: 'resetQuality' });
    return [];
  },
};

export const networkCommands: readonly Command[] = [
  partition,
  oneLink('cut', 'cut'),
  oneLink('mend', 'mend'),
  heal,
  quality('loss', 'PERCENTAGE [data|token]', readLoss),
  quality('delay', 'TIME', readDelay),
  quality('duplicate', 'PERCENTAGE [xCOPIES] [within TIME]', readDuplicate),
  quality('reorder', 'PERCENTAGE within TIME', readReorder),
  quality('corrupt', 'PERCENTAGE', (words) => ({ corrupt: words.percentage() })),
  quality('mtu', 'BYTES', (words) => ({ pathMtu: words.size() })),
  quiet,
  tap('withhold'),
  tap('record'),
  ofTap('close', 'closeTap'),
  ofTap('release', 'release'),
];
