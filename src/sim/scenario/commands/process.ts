/** What happens to processes and their machines. */
import type { Action } from '../../actions.js';
import type { World } from '../world.js';
import type { Command } from './command.js';

function eachNode(name: string, actions: (node: number) => Action[]): Command {
  return {
    name,
    usage: `${name} NODE...`,
    run: (world, words) => {
      const nodes = words.nodes();
      words.end();
      for (const node of nodes) for (const action of actions(world.checkNode(node))) world.cluster.apply(action);
      return [];
    },
  };
}

function forAWhile(name: string, action: 'stall' | 'stallConsumer'): Command {
  return {
    name,
    usage: `${name} NODE TIME`,
    run: (world, words) => {
      const node = world.checkNode(words.node());
      const time = words.duration();
      words.end();
      world.cluster.apply({ do: action, node, for: time });
      return [];
    },
  };
}

function crashNodes(world: World, nodes: readonly number[], power: boolean, loseWrites: boolean): void {
  for (const node of nodes) world.cluster.apply({ do: 'crash', node: world.checkNode(node), power, loseWrites });
}

const crash: Command = {
  name: 'crash',
  usage: 'crash NODE... [power [losing-writes]]',
  run: (world, words) => {
    const nodes = words.nodes();
    const power = words.has('power');
    const loseWrites = words.has('losing-writes');
    words.end();
    crashNodes(world, nodes, power, loseWrites);
    return [];
  },
};

/** Killed, and started again in the same instant. */
const restart: Command = {
  name: 'restart',
  usage: 'restart NODE... [power [losing-writes]] [old-disk]',
  run: (world, words) => {
    const nodes = words.nodes();
    const power = words.has('power');
    const loseWrites = words.has('losing-writes');
    const oldDisk = words.has('old-disk');
    words.end();
    crashNodes(world, nodes, power, loseWrites);
    for (const node of nodes) {
      if (oldDisk) world.cluster.apply({ do: 'restoreDisk', node });
      world.cluster.apply({ do: 'start', node });
    }
    return [];
  },
};

export const processCommands: readonly Command[] = [
  eachNode('start', (node) => [{ do: 'start', node }]),
  eachNode('leave', (node) => [{ do: 'leave', node }]),
  eachNode('pause', (node) => [{ do: 'pause', node }]),
  eachNode('resume', (node) => [{ do: 'resume', node }]),
  forAWhile('stall', 'stall'),
  forAWhile('stall-consumer', 'stallConsumer'),
  crash,
  restart,
];
