/** The cluster itself: how many nodes, and how they are configured. */
import type { ClusterPlan } from '../../cluster.js';
import { plainCluster } from '../../defaults.js';
import type { MachinePlan } from '../../machine.js';
import type { ProcessPlan } from '../../process.js';
import { ScenarioError, type Words } from '../words.js';
import type { Command } from './command.js';

/** A setting of all nodes, or with `name.3=` of the third. */
type Setter = (machine: MachinePlan, value: string) => MachinePlan;

function ofProcess(change: (process: ProcessPlan, value: string) => Partial<ProcessPlan>): Setter {
  return (machine, value) => ({ ...machine, process: { ...machine.process, ...change(machine.process, value) } });
}

function whole(value: string): number {
  if (!/^\d+$/.test(value)) throw new ScenarioError(`'${value}' is no whole number`);
  return Number(value);
}

/** `123`, or near a power of two: `2^53-10`. */
function big(value: string): bigint {
  const match = /^2\^(\d+)-(\d+)$/.exec(value);
  if (match !== null) return 2n ** BigInt(match[1] as string) - BigInt(match[2] as string);
  return BigInt(whole(value));
}

const GROUP_KEY = Uint8Array.from({ length: 128 }, (_, index) => index);

const SETTERS: Readonly<Record<string, Setter>> = {
  id: (machine, value) => ({ ...machine, node: whole(value) }),
  window: ofProcess((_, value) => ({ window: whole(value) })),
  accelerated: ofProcess((_, value) => ({ acceleratedWindow: whole(value) })),
  visit: ofProcess((_, value) => ({ perVisit: whole(value) })),
  store: ofProcess((_, value) => ({ storePackets: whole(value) })),
  datagram: ofProcess((_, value) => ({ datagramSize: whole(value) })),
  firstseq: ofProcess((_, value) => ({ firstSeq: big(value) })),
  tokenseq: ofProcess((_, value) => ({ firstTokenSeq: big(value) })),
  counter: ofProcess((_, value) => ({ firstCounter: big(value) })),
  buffer: ofProcess(({ thread }, value) => ({ thread: { ...thread, dataBuffer: whole(value) } })),
  deliveries: ofProcess((_, value) => ({ deliveryBytes: whole(value) })),
  submits: ofProcess((_, value) => ({ submitBytes: whole(value) })),
  cipher: ofProcess((_, value) => {
    if (value !== 'aes256gcm' && value !== 'chacha20poly1305') throw new ScenarioError(`no cipher '${value}'`);
    return { protection: { cipher: value, key: GROUP_KEY, clusterName: 'scenario' } };
  }),
  ringseq: (machine, value) => ({ ...machine, disk: { ...machine.disk, ringSeq: big(value) } }),
  rate: (machine, value) => ({ ...machine, clock: { ...machine.clock, rate: Number(value) } }),
  late: ofProcess(({ thread }, value) => ({
    thread: { ...thread, timerDelay: { median: whole(value) * 5e5, p99: whole(value) * 1e6, max: whole(value) * 1e6 } },
  })),
};

function applySettings(plan: ClusterPlan, settings: ReadonlyMap<string, string>): ClusterPlan {
  const machines = [...plan.machines];
  for (const [key, value] of settings) {
    const [name = '', which] = key.split('.');
    const setter = SETTERS[name];
    if (setter === undefined)
      throw new ScenarioError(`no setting '${name}'; there are ${Object.keys(SETTERS).join(', ')}`);
    const targets = which === undefined ? machines.keys() : [whole(which) - 1];
    for (const index of targets) {
      const machine = machines[index];
      if (machine === undefined) throw new ScenarioError(`there is no node ${which}`);
      machines[index] = setter(machine, value);
    }
  }
  return { ...plan, machines };
}

export const nodes: Command = {
  name: 'nodes',
  usage: 'nodes COUNT [seed=S] [unicast=yes] [start=no] [SETTING=VALUE | SETTING.NODE=VALUE ...]',
  run: (world, words: Words) => {
    const count = words.number('a number of nodes');
    const settings = words.settings();
    const take = (name: string): string | undefined => {
      const value = settings.get(name);
      settings.delete(name);
      return value;
    };
    const seed = whole(take('seed') ?? '1');
    const unicastOnly = take('unicast') === 'yes';
    const starts = take('start') !== 'no';
    const plain = plainCluster(count, seed);
    const plan = applySettings({ ...plain, network: { ...plain.network, unicastOnly } }, settings);
    const cluster = world.build(plan);
    if (starts) for (const node of world.allNodes()) cluster.apply({ do: 'start', node });
    return [];
  },
};
