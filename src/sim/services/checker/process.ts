/** One process, as the checker follows it: where its state comes from, and what is applied to it. */
import type { Message, Origin } from '../message.js';
import { CallOrder } from './call-order.js';
import type { Component } from './combine.js';
import { type Names, ServiceState } from './state.js';

/** What a process had when a configuration began. */
export interface AtBegin {
  readonly node: number;
  readonly lineage: string;
  readonly lastPrimary: number;
  readonly history: readonly string[];
  readonly state: ServiceState;
}

export interface Due {
  readonly id: bigint;
  readonly pattern: string;
  /** False: whether it was published, or is retained still, is not known. */
  readonly isSure: boolean;
}

export interface Expecting {
  readonly channel: string;
  /** What is retained at its place in the order. */
  readonly initial: readonly Due[];
  /** What is published behind it. */
  readonly events: Due[];
}

export class FollowedProcess {
  readonly number: number;
  readonly node: number;
  state = new ServiceState();
  lineage: string;
  history: readonly string[] = [];
  lastPrimary = 0;
  /** Configuration that had the state last. */
  committed = '';
  isPrimary = true;
  /** Of the present configuration. */
  id = '';
  view = 0;
  members: readonly number[] = [];
  isCommitted = false;
  isAlive = true;
  lastPosition = -1n;
  transfers: string[] = [];
  /** What was applied out of the order of its calls. */
  readonly misplaced: string[] = [];
  /** By process, as the hellos of the configuration say. */
  readonly origins = new Map<number, Origin>();
  /** What subscriptions have to be told, by the message that gave them their place. */
  readonly subscriptions = new Map<string, Expecting>();
  #pending: { readonly message: Message; readonly transitional: string }[] = [];
  /** In which it is; empty: in a regular one. */
  #transitional = '';
  /** Processes of whom nothing counts. */
  readonly #behind = new Set<number>();
  readonly #order = new CallOrder();
  /** No transitional configuration came since the last commit. */
  #isFresh = false;

  constructor(number: number, node: number) {
    this.number = number;
    this.node = node;
    this.lineage = `process ${number}`;
  }

  transitional(id: string): void {
    if (this.#isFresh) this.lineage = id;
    this.#isFresh = false;
    this.#transitional = id;
  }

  regular(id: string, view: number, members: readonly number[]): AtBegin {
    const { node, lineage, lastPrimary, history } = this;
    this.#pending = [];
    this.#transitional = '';
    this.transfers = [];
    this.origins.clear();
    this.#behind.clear();
    this.isCommitted = false;
    Object.assign(this, { id, view, members });
    return { node, lineage, lastPrimary, history, state: this.state.copy() };
  }

  /** The state of the configuration is there. `first`: in precedence. */
  commit(state: ServiceState, first: Component, isPrimary: boolean, names: Names): void {
    this.state = state;
    this.isPrimary = isPrimary;
    this.isCommitted = true;
    this.#isFresh = this.#transitional === '';
    this.lineage = this.#transitional || this.id;
    this.committed = this.id;
    this.history = [...first.history, this.id];
    this.lastPrimary = isPrimary ? this.view : first.lastPrimary;
    const pending = this.#pending.splice(0);
    if (isPrimary) for (const { message, transitional } of pending) this.#apply(message, transitional, names);
  }

  message(message: Message, names: Names): void {
    if (message.kind === 'synchronization') {
      if (this.isCommitted) return;
      this.transfers.push(message.text);
      const { origin } = message;
      if (origin !== undefined) this.origins.set(origin.process, origin);
      if (origin?.isBehind) this.#behind.add(origin.process);
    } else if (message.kind === 'marker') {
      this.#behind.delete(message.process);
    } else if ('from' in message && this.#behind.has(Number.parseInt(message.from, 10))) {
      // Refused by all, wherever it is delivered.
    } else if (!this.isCommitted) this.#pending.push({ message, transitional: this.#transitional });
    else if (this.isPrimary) this.#apply(message, this.#transitional, names);
  }

  #apply(message: Message, transitional: string, names: Names): void {
    const { state } = this;
    const wrong = this.#order.applied(message, names.places);
    if (wrong !== undefined) this.misplaced.push(wrong);
    state.apply(message, this.committed, transitional, names);
    if (message.kind === 'subscribe' && message.from.startsWith(`${this.number}.`)) this.#subscribe(message);
    if (message.kind !== 'publish') return;
    const channel = state.channelHandles.get(message.handle);
    const call = names.calls.get(message.token);
    if (channel === undefined || call?.result === 'refused' || !names.isLastingChannel(channel)) return;
    for (const expecting of this.subscriptions.values()) {
      if (expecting.channel === channel)
        expecting.events.push({ id: message.id, pattern: message.pattern, isSure: call?.result === 'done' });
    }
  }

  #subscribe({ handle, place }: Extract<Message, { kind: 'subscribe' }>): void {
    const channel = this.state.channelHandles.get(handle);
    if (channel === undefined) return;
    const initial = [...this.state.events]
      .filter(([, event]) => event.channel === channel)
      .map(([id, { pattern, isSure, isShort }]): Due => ({ id, pattern, isSure: isSure && !isShort }));
    this.subscriptions.set(place, { channel, initial, events: [] });
  }
}
