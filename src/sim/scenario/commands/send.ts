/** What applications send. */
import { TRICKLE } from '../../defaults.js';
import { ScenarioError } from '../words.js';
import type { Command } from './command.js';

const PRIORITIES = ['recovery', 'high', 'medium', 'low'] as const;

const send: Command = {
  name: 'send',
  usage: 'send NODE recovery|high|medium|low agreed|safe SIZE [xCOUNT] [only]',
  run: (world, words) => {
    const node = world.checkNode(words.node());
    const priority = PRIORITIES.indexOf(words.oneOf('a priority', PRIORITIES));
    const safe = words.oneOf('a guarantee', ['agreed', 'safe']) === 'safe';
    const size = words.size();
    const times = words.times();
    const only = words.has('only');
    words.end();
    const process = world.cluster.machine(node).process;
    if (process === undefined) throw new ScenarioError(`node ${node + 1} is down`);
    const onlyIn = only ? process.consumer.ring : undefined;
    if (only && onlyIn === undefined) throw new ScenarioError(`node ${node + 1} is in no regular configuration`);
    let accepted = 0;
    for (let i = 0; i < times; i++) {
      if (process.workload.send({ size, priority, safe, onlyIn, ticket: only })) accepted++;
    }
    return accepted === times ? [] : [`${accepted} of ${times} accepted`];
  },
};

/** A stream of messages, until told otherwise. */
const load: Command = {
  name: 'load',
  usage: 'load NODE...|all off | every TIME SIZE [xCOUNT] [safe] | full SIZE',
  run: (world, words) => {
    const nodes = words.has('all') ? world.allNodes() : words.nodes();
    const mode = words.oneOf('a load', ['off', 'every', 'full']);
    const interval = mode === 'every' ? words.duration() : 1;
    const size = mode === 'off' ? 0 : words.size();
    const burst = mode === 'full' ? 64 : words.times();
    const safe = words.has('safe') ? 1 : 0;
    words.end();
    const plan = {
      ...TRICKLE,
      interval,
      burst,
      isRegular: mode === 'every',
      saturating: mode === 'full',
      sizeMin: size,
      sizeMax: size,
      safe,
    };
    for (const node of nodes) {
      world.cluster.apply({ do: 'workload', node: world.checkNode(node), ...(mode === 'off' ? {} : { plan }) });
    }
    return [];
  },
};

export const sendCommands: readonly Command[] = [send, load];
