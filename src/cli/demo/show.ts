/**
 * The show: three branches open a bank, deposits stream in from all of them, one is killed, another joins, and in the end every branch
 * has the same books.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type BranchObserver, BranchProcess } from './branch-process.js';
import { batches, Dealer } from './dealer.js';
import type { Entry } from './ledger.js';
import type { Place } from './place.js';
import type { FromBranch, Report } from './protocol.js';

export const FIRST_NODES: readonly number[] = [1, 2, 3];
export const VICTIM = 2;
export const NEWCOMER = 4;
export const NODES: readonly number[] = [...FIRST_NODES, NEWCOMER];

/** Milliseconds that deposits stream in before the kill, and after the newcomer has the books. */
const BEFORE_MS = 2000;
const AFTER_MS = 2000;
/** Milliseconds that any step may take. */
const STEP_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
/** Milliseconds between two looks at speed, and at what is waited for. */
const TICK_MS = 1000;
const LOOK_MS = 20;

export interface ShowResult {
  readonly members: readonly number[];
  /** Given out, each counted once. */
  readonly deposits: number;
  readonly cents: number;
  readonly reports: ReadonlyMap<number, Report>;
  /** Deposits delivered at a branch that was there from the beginning to the end. */
  readonly messagesPerSecond: number;
}

export class Show implements BranchObserver {
  readonly #place: Place;
  readonly #say: (line: string) => void;
  readonly #branches = new Map<number, BranchProcess>();
  readonly #dealer: Dealer;
  readonly #seen = new Set<string>();
  #release!: () => void;
  #isDealt = false;
  #shownMessages = 0;
  #failure: Error | undefined;
  #doomed: BranchProcess | undefined;

  /** `entries`: what is deposited. */
  constructor(place: Place, entries: AsyncIterable<Entry>, say: (line: string) => void) {
    this.#place = place;
    this.#say = say;
    const release = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#dealer = new Dealer(batches(entries, release), (node, batch) => {
      this.#branches.get(node)?.tell({ type: 'batch', batch });
    });
  }

  /** `onEnough`: the last change is over, and the entries may end. @throws the first thing that goes wrong. */
  async run(onEnough: () => void): Promise<ShowResult> {
    this.#say('Three executives start.');
    for (const node of FIRST_NODES) this.#start(node);
    await this.#until('the ring forms', () => this.#isComplete(FIRST_NODES));
    this.#branches.get(FIRST_NODES[0]!)!.tell({ type: 'open' });
    await this.#until('the bank opens', () => this.#haveBooks(FIRST_NODES));
    this.#say('The bank is open on all of them; deposits stream in.');
    const ticker = setInterval(() => this.#showSpeed(), TICK_MS);
    try {
      return await this.#play(onEnough);
    } finally {
      clearInterval(ticker);
    }
  }

  async #play(onEnough: () => void): Promise<ShowResult> {
    this.#dealer.run().then(
      () => {
        this.#isDealt = true;
      },
      (error: Error) => this.#fail(error),
    );
    await this.#wait(BEFORE_MS);
    await this.#change();
    await this.#wait(AFTER_MS);
    onEnough();
    this.#release();
    await this.#until('all deposits are settled', () => this.#isDealt);
    return this.#close();
  }

  async #change(): Promise<void> {
    const victim = this.#branches.get(VICTIM)!;
    this.#doomed = victim;
    this.#say(`SIGKILL to executive ${VICTIM} (process ${victim.pid}); executive ${NEWCOMER} starts.`);
    this.#start(NEWCOMER);
    await victim.kill();
    this.#branches.delete(VICTIM);
    this.#dealer.close(VICTIM);
    const members = NODES.filter((node) => node !== VICTIM);
    await this.#until('the newcomer is let in', () => this.#isComplete(members));
    await this.#until('the newcomer gets the books', () => this.#haveBooks(members));
    this.#say(`Executive ${NEWCOMER} has the books.`);
  }

  async #close(): Promise<ShowResult> {
    const members = [...this.#branches.keys()].sort((a, b) => a - b);
    await this.#until('every branch has books', () => this.#isComplete(members) && this.#haveBooks(members));
    this.#branches.get(members[0]!)!.tell({ type: 'close' });
    const all = () => [...this.#branches.values()];
    await this.#until('every branch reports', () => all().every(({ report }) => report !== undefined));
    const reports = new Map(members.map((node) => [node, this.#branches.get(node)!.report!]));
    const { messages, seconds } = reports.get(members[0]!)!;
    const messagesPerSecond = seconds > 0 ? Math.round(messages / seconds) : 0;
    return { members, deposits: this.#dealer.deposits, cents: this.#dealer.cents, reports, messagesPerSecond };
  }

  /** Gives up at the next look. */
  interrupt(): void {
    this.#fail(new Error('interrupted'));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#branches.values()].map((branch) => branch.stop(STOP_LIMIT_MS)));
  }

  // --- what branches tell --------------------------------------------------------------------------------------------------

  onMessage(branch: BranchProcess, message: FromBranch): void {
    if (message.type === 'configuration') this.#showConfiguration(message);
    if (message.type === 'books') {
      if (message.isOpen) this.#dealer.open(branch.node);
      else this.#dealer.close(branch.node);
    }
    if (message.type === 'answer') this.#dealer.answer(branch.node, message.batch, message.isSettled);
    if (message.type === 'failed') this.#fail(new Error(`executive ${branch.node}: ${message.message}`));
  }

  onExit(branch: BranchProcess): void {
    if (branch !== this.#doomed) this.#fail(new Error(`executive ${branch.node} ended by itself`));
  }

  /** Each configuration once, when the first member has it. */
  #showConfiguration({ kind, id, members }: Extract<FromBranch, { type: 'configuration' }>): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#say(`  ${kind.padEnd(12)}  ${`{${members.join(', ')}}`.padEnd(12)}  ${id}`);
  }

  #showSpeed(): void {
    const [first] = this.#branches.values();
    const speed = Math.round((first!.messages - this.#shownMessages) / (TICK_MS / 1000));
    this.#shownMessages = first!.messages;
    this.#say(`  ${speed.toLocaleString('en-US')} messages a second`);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
  }

  // --- waiting -------------------------------------------------------------------------------------------------------------

  #start(node: number): void {
    this.#branches.set(node, new BranchProcess(node, this.#place.configFile(node), this));
  }

  #isComplete(nodes: readonly number[]): boolean {
    return nodes.every((node) => this.#branches.get(node)?.members.join() === nodes.join());
  }

  #haveBooks(nodes: readonly number[]): boolean {
    return nodes.every((node) => this.#branches.get(node)?.hasBooks);
  }

  /** Less, if nothing is left to be done meanwhile. */
  async #wait(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    await this.#until(
      'time passes',
      () => performance.now() >= end || (this.#dealer.settled > 0 && this.#dealer.isIdle),
    );
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + STEP_LIMIT_MS;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (isSo()) return;
      if (performance.now() > end) throw new Error(`waited ${STEP_LIMIT_MS / 1000} s in vain: ${what}`);
      await delay(LOOK_MS);
    }
  }
}
