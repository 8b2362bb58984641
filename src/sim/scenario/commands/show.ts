/** What is recorded in a scenario. Everything since it was shown last, by process: node.life. */
import type { TraceConfiguration, TraceEvent, TraceMessage } from '../../checker/trace.js';
import { ScenarioError } from '../words.js';
import type { World } from '../world.js';
import type { Command } from './command.js';

function configurations(world: World): string[] {
  return world.news('configurations').flatMap(({ trace, events }) => {
    const changes = events.filter((event): event is TraceConfiguration => event.kind === 'configuration');
    const name = world.names.name(trace.process);
    return changes.map((change) => {
      const members = change.members.map((member) => world.names.name(member)).join(' ');
      const from = change.configuration === 'transitional' ? ` of ${world.ringName(change.old)}` : '';
      return `${name} ${change.configuration} ${world.ringName(change.ring)}${from}: ${members}`;
    });
  });
}

/** Processes that delivered the same are shown in one line. */
function deliveries(world: World): string[] {
  const byText = new Map<string, string[]>();
  for (const { trace, events } of world.news('deliveries')) {
    const text = deliveryText(world, events);
    if (text === '') continue;
    byText.set(text, [...(byText.get(text) ?? []), world.names.name(trace.process)]);
  }
  return [...byText].map(([text, names]) => `${names.join(' ')}:${text}`);
}

/** Runs of messages of one sender and kind: 3x20 is twenty of node 3; `s` behind it: safe. Configurations stand between them. */
function deliveryText(world: World, events: readonly TraceEvent[]): string {
  let text = '';
  let run: { readonly like: TraceMessage; count: number } | undefined;
  let hasMessages = false;
  const flush = (): void => {
    if (run !== undefined) text += ` ${run.like.origin}${run.like.safe ? 's' : ''}x${run.count}`;
    run = undefined;
  };
  for (const event of events) {
    if (event.kind === 'configuration') {
      flush();
      text += event.configuration === 'regular' ? ` [${world.ringName(event.ring)}]` : ' [transitional]';
    } else if (event.kind === 'deliver') {
      hasMessages = true;
      if (run !== undefined && run.like.origin === event.origin && run.like.safe === event.safe) run.count++;
      else {
        flush();
        run = { like: event, count: 1 };
      }
    }
  }
  flush();
  return hasMessages ? text : '';
}

/** How many messages each has delivered, where the order would fill pages. */
function totals(world: World): string[] {
  return world.news('totals').flatMap(({ trace, events }) => {
    const count = events.filter((event) => event.kind === 'deliver').length;
    return count === 0 ? [] : [`${world.names.name(trace.process)}: ${count} messages`];
  });
}

/** Of each ring that somebody installed last: its size, and how many of its members run in it. */
function rings(world: World): string[] {
  const lines = new Map<string, { readonly members: number; installed: number }>();
  for (const { process } of world.cluster.machines) {
    if (process === undefined) continue;
    const { ring, members } = process.membership.view;
    if (ring === undefined) continue;
    const line = lines.get(world.ringName(ring)) ?? { members: members.length, installed: 0 };
    line.installed++;
    lines.set(world.ringName(ring), line);
  }
  return [...lines].map(([name, { members, installed }]) => `${name}: ${members} members, installed by ${installed}`);
}

function state(world: World): string[] {
  return world.cluster.machines.map(({ plan, process, isPaused }) => {
    if (process === undefined) return `${plan.node}: down`;
    const { state: name } = process.membership.view;
    return `${world.names.name(process.identity)}: ${name}${isPaused ? ', paused' : ''}`;
  });
}

/** Of the core: what was dropped, and why. Only what was asked for, since most of it is chance. */
function counters(world: World, names: readonly string[]): string[] {
  return world.cluster.machines.flatMap(({ process }) => {
    if (process === undefined) return [];
    const stats = process.core.stats();
    const values = names.map((name) => {
      const value = stats.dropped[name] ?? (stats as unknown as Readonly<Record<string, unknown>>)[name];
      if (typeof value !== 'number') throw new ScenarioError(`there is no counter '${name}'`);
      return `${name} ${value}`;
    });
    return [`${world.names.name(process.identity)}: ${values.join(', ')}`];
  });
}

/** The way to a ring that works is seldom the story. */
export const forget: Command = {
  name: 'forget',
  usage: 'forget',
  run: (world, words) => {
    words.end();
    world.forget();
    return [];
  },
};

export const show: Command = {
  name: 'show',
  usage: 'show configurations | deliveries | totals | rings | state | counters NAME...',
  run: (world, words) => {
    const what = words.oneOf('what is shown', ['configurations', 'deliveries', 'totals', 'rings', 'state', 'counters']);
    const names: string[] = [];
    while (what === 'counters' && words.left > 0) names.push(words.word('a counter'));
    words.end();
    const shows = { configurations, deliveries, totals, rings, state, counters: () => counters(world, names) };
    return shows[what](world);
  },
};
