/** A branch: a process with an executive of its own. Started by the demo, with the executive's configuration file as its argument. */
import { Executive } from '../../executive/index.js';
import type { EvsSession, Message, Route } from '../../index.js';
import { AisError } from '../../index.js';
import { Bank } from './bank.js';
import type { Books } from './books.js';
import type { Batch } from './dealer.js';
import { CLOSE, DEPOSIT, encodeDeposit, encodePlain, encodeSettle, OPEN } from './messages.js';
import type { FromBranch, Report, ToBranch } from './protocol.js';

const GROUP = 'bank';
/** Milliseconds between reports of progress. */
const PROGRESS_MS = 250;

class Branch {
  readonly #executive: Executive;
  readonly #bank: Bank;
  /** Batches that this branch sends, until their end is delivered. */
  readonly #batches = new Map<number, Batch>();
  #session!: EvsSession;
  #safe!: Route;
  #sending: Promise<void> = Promise.resolve();
  #messages = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(executive: Executive) {
    this.#executive = executive;
    this.#bank = new Bank(executive.nodeId, {
      send: (configuration, message) => this.#sendIn(configuration, message),
      onBooks: (isOpen) => tell({ type: 'books', isOpen }),
      onSettle: (batch, isRegular) => this.#answer(batch, isRegular),
      onClose: (books) => tell({ type: 'report', report: this.#report(books) }),
    });
  }

  async start(): Promise<void> {
    const ais = await this.#executive.connect();
    this.#session = await ais.evs.join([GROUP], {
      batch: (events) => {
        for (const event of events) {
          if (event.type === 'message') this.#deliver(event);
          else {
            this.#bank.configuration(event);
            tell({ type: 'configuration', kind: event.kind, id: event.id, members: event.members });
          }
        }
      },
    });
    this.#safe = this.#session.route({ guarantee: 'safe' });
    setInterval(() => tell({ type: 'progress', messages: this.#messages }), PROGRESS_MS).unref();
  }

  async command(message: ToBranch): Promise<void> {
    switch (message.type) {
      case 'open':
        return this.#session.mcast(encodePlain(OPEN), { guarantee: 'safe' });
      case 'batch':
        this.#batches.set(message.batch.number, message.batch);
        this.#sending = this.#sending.then(() => this.#send(message.batch));
        return this.#sending;
      case 'close':
        return this.#session.mcast(encodePlain(CLOSE), { guarantee: 'safe' });
      case 'stop':
        await this.#executive.stop();
        process.disconnect();
    }
  }

  /** The end of the batch is safe and comes after the deposits: once it is delivered, every member has all of them. */
  async #send({ number, deposits }: Batch): Promise<void> {
    const messages = deposits.map(encodeDeposit);
    for (let sent = 0; sent < messages.length; ) {
      sent += this.#session.sendAll(sent === 0 ? messages : messages.slice(sent));
      if (sent < messages.length) await this.#session.drain();
    }
    while (!this.#safe.send(encodeSettle(number))) await this.#safe.drain();
  }

  /** Ahead of the deposits that wait in the queue: its place within the configuration does not matter. */
  #sendIn(configuration: string, message: Buffer): void {
    this.#session.mcast(message, { configuration, priority: 'high', guarantee: 'safe' }).catch((error: unknown) => {
      // The configuration is over: the next one starts this again, with whoever is there then.
      if (!AisError.is(error) || error.code !== 'SA_AIS_ERR_FAILED_OPERATION') throw error;
    });
  }

  #deliver(message: Message): void {
    if (message.data[0] === DEPOSIT) {
      this.#messages++;
      this.#lastAt = performance.now();
      this.#firstAt ||= this.#lastAt;
    }
    this.#bank.message(message);
  }

  #answer(number: number, isRegular: boolean): void {
    const batch = this.#batches.get(number);
    if (batch === undefined) return;
    this.#batches.delete(number);
    const applied = this.#bank.books?.applied;
    const isSettled = isRegular && applied !== undefined && batch.deposits.every(({ id }) => applied.has(id));
    tell({ type: 'answer', batch: number, isSettled });
  }

  #report(books: Books): Report {
    const accounts = [...books.accounts].map(([account, holdings]) => ({ account, holdings: [...holdings] }));
    const seconds = (this.#lastAt - this.#firstAt) / 1000;
    const { deposits, total } = books;
    return { accounts, deposits, total, hash: books.hash(), messages: this.#messages, seconds };
  }
}

function tell(message: FromBranch): void {
  // Without the first process there is nobody to tell; 'disconnect' ends this one.
  process.send?.(message, undefined, undefined, () => {});
}

function fail(error: unknown): void {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

const [file = ''] = process.argv.slice(2);
// The terminal sends its signal to all; the first process decides what follows from it.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
try {
  const executive = await Executive.start(file);
  void executive.closed.then((reason) => {
    if (reason !== undefined) fail(reason);
  });
  const branch = new Branch(executive);
  process.on('message', (message: ToBranch) => branch.command(message).catch(fail));
  await branch.start();
  tell({ type: 'started' });
} catch (error) {
  fail(error);
}
