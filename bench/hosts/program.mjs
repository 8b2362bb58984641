// A program that a benchmark has started on a host: orders go to it as JSON lines, answers and news come back the same way.

/**
 * How the controller reaches a started program: a child process here, or one that an agent started on another machine.
 * @typedef {object} Reach
 * @property {(line: string) => void} write
 * @property {(signal: NodeJS.Signals) => void} signal
 * @property {() => Promise<number>} cpu µs of user and system time so far
 * @property {number | undefined} pid on its machine
 */

export class Program {
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  #lastId = 0;
  /** @type {() => void} */
  #end = () => {};
  /** @type {() => void} */
  #isReady = () => {};
  /** News: lines that answer nothing. @type {(news: any) => void} */
  onNews = () => {};
  /** Resolves when the program says that it is. */
  ready = new Promise((resolve) => {
    this.#isReady = () => resolve(undefined);
  });
  exited = new Promise((resolve) => {
    this.#end = () => resolve(undefined);
  });

  /** @param {Reach} reach */
  constructor(reach) {
    this.reach = reach;
  }

  /** @param {object} order @returns {Promise<any>} the answer */
  ask(order) {
    const id = ++this.#lastId;
    this.reach.write(JSON.stringify({ id, ...order }));
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  cpu() {
    return this.reach.cpu();
  }

  /** @param {NodeJS.Signals} signal */
  async kill(signal = 'SIGKILL') {
    this.reach.signal(signal);
    await this.exited;
  }

  /** Each line that it writes; an agent passes them on unread. @type {(text: string) => void} */
  onLine = (text) => this.#line(text);

  // --- what the reach tells ------------------------------------------------------------------------------------------------

  /** @param {string} text */
  #line(text) {
    const answer = JSON.parse(text);
    if (answer.ready) this.#isReady();
    const asked = this.#asked.get(answer.id);
    if (asked === undefined) {
      this.onNews(answer);
      return;
    }
    this.#asked.delete(answer.id);
    asked.resolve(answer);
  }

  ended() {
    this.#end();
    for (const { reject } of this.#asked.values()) reject(new Error('the program has ended'));
    this.#asked.clear();
  }
}
