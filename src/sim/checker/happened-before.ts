/**
 * E5 and E13: there is one order of all that happened. Its nodes are the sends, and the deliveries and the
 * configurations, each the same node for all processes that have it; its edges are the local orders and send before
 * delivery. It must have no cycle of any length.
 *
 * Instead of building the graph, all traces are played together: a process waits at a delivery or configuration until
 * all others that have it have come there. All traces can be played to their ends if and only if the graph has no
 * cycle. One pass, linear.
 */

import type { Process } from './entities.js';
import { configurationText, type Findings, memberText, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkHappenedBefore(index: HistoryIndex, findings: Findings): void {
  checkPositions(index, findings);
  const play = new Play(index);
  play.run();
  const cycle = findCycle(play);
  if (cycle.length > 0) reportCycle(cycle, play, findings);
}

/**
 * The witness of the white box: each process delivers the messages of a ring by rising places, and no two messages
 * share one.
 */
function checkPositions(index: HistoryIndex, findings: Findings): void {
  for (const process of index.processes) {
    for (const stay of process.stays) {
      for (let i = stay.from + 1; i < stay.to; i += 1) {
        const before = process.delivered[i - 1]!;
        const message = process.delivered[i]!;
        if (message.position > before.position) continue;
        findings.at(
          'E13',
          process,
          process.deliveredAt[i]!,
          `delivers ${messageText(message)} after ${messageText(before)}`,
        );
      }
    }
  }
  for (const { sent } of index.configurations) {
    for (let i = 1; i < sent.length; i += 1) {
      const message = sent[i]!;
      const before = sent[i - 1]!;
      if (message.position !== before.position || message.origin === undefined) continue;
      const text = `${messageText(before)} and ${messageText(message)} have the same place`;
      findings.at('E13', message.origin, message.sendIndex, text);
    }
  }
}

const NOTHING = -1;

/**
 * Shared nodes are numbered: the messages (their delivery) first, then the configurations. A send of message m is noted
 * as -2 - m.
 */
class Play {
  readonly index: HistoryIndex;
  /** By process and event: the node that it is, the send that it is, or NOTHING. */
  readonly nodes: readonly Int32Array[];
  /** By process: the event at which it waits, or the end of its trace. */
  readonly cursor: Int32Array;
  /** By node: how many have still to come there; the send is one of them. */
  readonly #missing: Int32Array;
  /** By node: who came last. By process: who came before it to the same node. */
  readonly #waiting: Int32Array;
  readonly #behind: Int32Array;
  readonly #ready: number[] = [];

  constructor(index: HistoryIndex) {
    const nodes = index.messages.length + index.configurations.length;
    this.index = index;
    this.cursor = new Int32Array(index.processes.length);
    this.#missing = new Int32Array(nodes);
    this.#waiting = new Int32Array(nodes).fill(NOTHING);
    this.#behind = new Int32Array(index.processes.length).fill(NOTHING);
    this.nodes = index.processes.map((process) => this.#nodesOf(process));
  }

  run(): void {
    for (const process of this.index.processes) this.#advance(process.number);
    for (let next = this.#ready.pop(); next !== undefined; next = this.#ready.pop()) this.#advance(next);
  }

  /** What happened before in the same process, a duplicate, is no node again: E3 and E6 speak of it. */
  #nodesOf(process: Process): Int32Array {
    const nodes = new Int32Array(process.events.length).fill(NOTHING);
    for (let i = 0; i < process.delivered.length; i += 1) {
      const { number } = process.delivered[i]!;
      nodes[process.deliveredAt[i]!] = number;
      this.#missing[number]! += 1;
    }
    for (let i = 0; i < process.sent.length; i += 1) {
      const { number } = process.sent[i]!;
      nodes[process.sentAt[i]!] = -2 - number;
      this.#missing[number]! += 1;
    }
    const seen = new Set<number>();
    for (const view of process.views) {
      const node = this.index.messages.length + view.configuration.number;
      if (seen.has(node)) continue;
      seen.add(node);
      nodes[view.index] = node;
      this.#missing[node]! += 1;
    }
    return nodes;
  }

  /** Plays one process up to the first node to which others have still to come. */
  #advance(process: number): void {
    const nodes = this.nodes[process]!;
    let at = this.cursor[process]!;
    for (; at < nodes.length; at += 1) {
      const node = nodes[at]!;
      if (node === NOTHING) continue;
      if (node < NOTHING) {
        this.#come(-2 - node);
        continue;
      }
      // The cursor is set first: whoever completes the node sends all that wait there one event on.
      this.cursor[process] = at;
      this.#behind[process] = this.#waiting[node]!;
      this.#waiting[node] = process;
      this.#come(node);
      return;
    }
    this.cursor[process] = at;
  }

  #come(node: number): void {
    this.#missing[node]! -= 1;
    if (this.#missing[node]! > 0) return;
    for (let process = this.#waiting[node]!; process !== NOTHING; process = this.#behind[process]!) {
      this.cursor[process]! += 1;
      this.#ready.push(process);
    }
  }
}

/** One edge of a cycle: `process` has `node` at event `at`, but is held at event `held` by another node. */
interface Edge {
  readonly process: Process;
  readonly node: number;
  readonly held: number;
  readonly at: number;
}

/**
 * From a node where somebody waits to a process that has still to come there, to the node where that one waits, and so
 * on.
 */
function findCycle(play: Play): readonly Edge[] {
  const { index, cursor, nodes } = play;
  const stuck = index.processes.find((process) => cursor[process.number]! < process.events.length);
  if (stuck === undefined) return [];
  const edges: Edge[] = [];
  const edgeOf = new Map<number, number>();
  let node = nodes[stuck.number]![cursor[stuck.number]!]!;
  while (!edgeOf.has(node)) {
    edgeOf.set(node, edges.length);
    const edge = heldUp(play, node);
    edges.push(edge);
    node = nodes[edge.process.number]![edge.held]!;
  }
  return edges.slice(edgeOf.get(node));
}

/**
 * A process that has this node, or its send, behind the node at which it waits. There is one, or nobody would wait
 * here.
 */
function heldUp(play: Play, node: number): Edge {
  for (const process of play.index.processes) {
    const held = play.cursor[process.number]!;
    const own = play.nodes[process.number]!;
    for (let at = held + 1; at < own.length; at += 1) {
      if (own[at] === node || own[at] === -2 - node) return { process, node, held, at };
    }
  }
  throw new Error(`nobody is on the way to node ${node}`);
}

function reportCycle(cycle: readonly Edge[], play: Play, findings: Findings): void {
  const timeOf = ({ process, at }: Edge) => process.events[at]!.time;
  const last = cycle.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
  const steps = cycle.map(({ process, held, at }) => {
    const [first, then] = [held, at].map((event) => eventText(process, event, play));
    return `${memberText(process.name)}: ${first}, then ${then}`;
  });
  // A cycle through a send breaks causality; one of deliveries and configurations alone breaks the total order.
  const causal = cycle.some(({ process, at }) => process.events[at]!.kind === 'send');
  findings.at(causal ? 'E5' : 'E13', last.process, last.at, `no order explains these: ${steps.join('; ')}`);
}

function eventText(process: Process, at: number, play: Play): string {
  const message = process.messages[at];
  if (message !== undefined) return `${process.events[at]!.kind} ${messageText(message)}`;
  const number = play.nodes[process.number]![at]! - play.index.messages.length;
  return configurationText(play.index.configurations[number]!);
}
