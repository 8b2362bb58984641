/** Services at the end of a run: what nodes have, what clients were told. Written from the documentation, without the services' code. */
import type { Call, Heard, Journal } from '../journal.js';
import { Follower, type Problem, type Quorum } from './follow.js';
import type { Due, FollowedProcess } from './process.js';
import { compareSections, sectionsAfter } from './sections.js';
import type { Names } from './state.js';

/** What a node has, as an operator could read it out. */
export interface NodeState {
  readonly process: number;
  /** Of its configuration. */
  readonly configuration: string;
  readonly isFirst: boolean;
  readonly isSynchronized: boolean;
  readonly isPrimary: boolean;
  /** By service. */
  readonly digests: Readonly<Record<string, string>>;
  /** By name; sections by id. */
  readonly checkpoints: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  /** Ids of retained events with the channels that names lead to. */
  readonly events: ReadonlyMap<bigint, string>;
  /** Who has something open: service, node and connection. */
  readonly openers: readonly string[];
  /** What is there, and nobody could come to it, or should have ended by now. */
  readonly leaks: readonly string[];
  /** Clients that live: service, node and connection of each. */
  readonly clients: ReadonlySet<string>;
  /** Calls that have not ended. */
  readonly open: readonly Call[];
}

export interface Judged {
  readonly journal: Journal;
  readonly quorum: Quorum;
  /** Of processes that run. */
  readonly nodes: readonly NodeState[];
  /** The calm was long enough for everything to come to an end. */
  readonly hasSettled: boolean;
  readonly isLasting: (checkpoint: string) => boolean;
  readonly isLastingChannel: (channel: string) => boolean;
}

export function checkServices(judged: Judged): Problem[] {
  const { journal, quorum, nodes, hasSettled, isLasting, isLastingChannel } = judged;
  if (journal.processes.size === 0) return [];
  const calls = new Map(journal.calls.filter(({ token }) => token !== '').map((call) => [call.token, call]));
  const places = new Map([...calls.keys()].map((token, place) => [token, place]));
  const names: Names = { calls, places, isLasting, isLastingChannel };
  const follower = new Follower(names, quorum);
  follower.play(journal, hasSettled);
  const of = (node: NodeState) => follower.processes.get(node.process)!;
  const texts = (problems: Iterable<[number, string]>): Problem[] =>
    [...problems].map(([process, text]) => ({ predicate: 'services', process, text }));
  return [
    ...texts(journal.problems.map(({ process, text }): [number, string] => [process, text])),
    ...follower.problems,
    ...nodes.flatMap((node) => texts(checkpoints(node, of(node), calls))),
    ...nodes.flatMap((node) => texts(events(node, of(node)))),
    ...texts(ids(journal, calls)),
    ...journal.heard.flatMap((heard) => texts(hearing(heard, follower, judged))),
    ...(hasSettled ? texts(settled(nodes)) : []),
  ];
}

function* checkpoints(
  node: NodeState,
  process: FollowedProcess,
  calls: ReadonlyMap<string, Call>,
): Generator<[number, string]> {
  const { names, instances, unclear } = process.state;
  for (const [name, id] of names) {
    if (unclear.has(name)) continue;
    const found = node.checkpoints.get(name);
    if (found === undefined) yield [node.process, `has no checkpoint '${name}'`];
    else
      for (const wrong of compareSections(sectionsAfter(instances.get(id)!.changes, calls), found))
        yield [node.process, `checkpoint '${name}': ${wrong}`];
  }
}

function* events(node: NodeState, { state }: FollowedProcess): Generator<[number, string]> {
  for (const [id, { channel, token, isSure, isShort }] of state.events) {
    if (isSure && !isShort && node.events.get(id) !== channel)
      yield [node.process, `does not retain event ${id} of '${channel}', published by ${token}`];
  }
  for (const [id, channel] of node.events) {
    if (!state.events.has(id))
      yield [node.process, `retains event ${id} of '${channel}', which was cleared or never published`];
  }
}

/** Who is together in the end has one state, and everything has ended that had an end. */
function* settled(nodes: readonly NodeState[]): Generator<[number, string]> {
  const digests = new Map<string, string>();
  const clients = new Set(nodes.flatMap((node) => [...node.clients]));
  for (const node of nodes) {
    const { process, configuration, isSynchronized, isPrimary, open } = node;
    if (!isSynchronized) yield [process, 'is not synchronised in the end'];
    for (const [service, digest] of Object.entries(node.digests)) {
      const key = `${configuration} ${service}`;
      const first = digests.get(key) ?? digest;
      digests.set(key, first);
      if (first !== digest) yield [process, `${service} has another state than on others of ${configuration}`];
    }
    if (!isSynchronized || !isPrimary) continue;
    const [example] = open;
    if (example !== undefined)
      yield [process, `${open.length} calls have not ended: ${example.what} ${example.text} ${example.token}`];
    for (const leak of node.leaks) yield [process, `there is still ${leak}`];
    for (const opener of node.openers)
      if (!clients.has(opener)) yield [process, `${opener} has something open, and is gone`];
  }
}

/** An event has one id wherever it is told, and no other has it. */
function* ids({ calls, heard }: Journal, byToken: ReadonlyMap<string, Call>): Generator<[number, string]> {
  const tokens = new Map<bigint, string>();
  for (const { process, id, token } of calls) {
    if (id === undefined) continue;
    if (tokens.has(id)) yield [process, `event ${token} has the id ${id} of ${tokens.get(id)}`];
    tokens.set(id, token);
  }
  for (const { process, events } of heard) {
    for (const { id, token } of events) {
      const known = tokens.get(id) ?? token;
      if (known !== token) yield [process, `event ${token} is told with the id ${id} of ${known}`];
      const told = byToken.get(token)?.id ?? id;
      if (told !== id) yield [process, `event ${token} is told with the id ${id}, and was published with ${told}`];
      if (byToken.get(token)?.result === 'refused') yield [process, `event ${token} is told, and was refused`];
      tokens.set(id, token);
    }
  }
}

/** What is retained first, then what was published, in the order of the cluster, all of it, once. */
function* hearing(
  heard: Heard,
  follower: Follower,
  { hasSettled, isLastingChannel }: Judged,
): Generator<[number, string]> {
  const { process, place, prefix, channel } = heard;
  const twice = heard.events.find(({ id }, at) => heard.events.findIndex((other) => other.id === id) < at);
  if (twice !== undefined) yield [process, `a subscription to '${channel}' is told event ${twice.id} twice`];
  const expecting = follower.processes.get(process)!.subscriptions.get(place);
  if (expecting === undefined || !isLastingChannel(channel)) return;
  const matches = ({ pattern }: Due) => pattern.startsWith(prefix);
  const initial = new Map(expecting.initial.filter(matches).map((due) => [due.id, due]));
  const live = expecting.events.filter(matches);
  let next = 0;
  for (const { id, token } of heard.events) {
    if (next === 0 && initial.delete(id)) continue;
    const at = live.findIndex((due, index) => index >= next && due.id === id);
    if (at < 0) {
      yield [process, `a subscription to '${channel}' is told ${token} (${id}) out of order, twice, or without reason`];
      return;
    }
    const skipped = live.slice(next, at).find(({ isSure }) => isSure);
    if (skipped !== undefined) yield [process, `a subscription to '${channel}' is not told event ${skipped.id}`];
    next = at + 1;
  }
  const isWhole = hasSettled && heard.isOpen();
  const left = isWhole ? [...initial.values(), ...live.slice(next)].find(({ isSure }) => isSure) : undefined;
  if (left !== undefined) yield [process, `a subscription to '${channel}' was never told event ${left.id}`];
}
