// Sequences of calls of the library on one connection: arguments right and wrong, many at once, abandoned, in and after the end. Each call
// has to end in time, with a result or a clear error; a wrong argument has to be refused; after the end everything is a bad handle.

import { AisError } from '../../dist/index.js';
import { Planted } from './arguments.mjs';
import { isInternal, PATIENCE_MS } from './hostile.mjs';
import { METHODS } from './methods.mjs';

/** @typedef {import('../../dist/sim/random.js').Random} Random */
/** @typedef {{ kind: string, of: any }} Thing */

/** Refusals that come before the argument that is wrong is looked at, or instead. */
const EARLIER = [
  'SA_AIS_ERR_BAD_HANDLE',
  'SA_AIS_ERR_ACCESS',
  'SA_AIS_ERR_NOT_EXIST',
  'SA_AIS_ERR_TIMEOUT',
  'SA_AIS_ERR_BAD_FLAGS',
  'SA_AIS_ERR_INVALID_PARAM',
  'SA_AIS_ERR_NAME_TOO_LONG',
  'SA_AIS_ERR_TOO_BIG',
];

export class Sequence {
  /** @type {Thing[]} */
  #things;
  /** @type {Promise<unknown>[]} */
  #pending = [];
  /** @type {unknown} */
  #problem;
  #isClosed = false;

  /** @param {Random} random @param {any} ais */
  constructor(random, ais) {
    this.random = random;
    this.ais = ais;
    this.#things = ['ais', 'evs', 'clm', 'ckpt', 'evt'].map((kind) => ({ kind, of: kind === 'ais' ? ais : ais[kind] }));
  }

  async run() {
    try {
      await this.#run();
    } finally {
      await this.ais[Symbol.asyncDispose]();
    }
  }

  async #run() {
    const { random } = this;
    for (let steps = random.between(1, 25); steps > 0; steps--) {
      const step = this.#step();
      if (random.chance(0.5)) await bounded(step, 'a step');
      else this.#keep(step);
    }
    await this.#close();
    for (const each of this.#pending) await bounded(each, 'a pending call');
    await this.#afterwards();
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Goes on beside what follows. @param {Promise<unknown>} call */
  #keep(call) {
    const kept = call.catch((/** @type {unknown} */ error) => {
      this.#problem ??= error;
    });
    this.#pending.push(kept);
  }

  async #step() {
    const { random } = this;
    const thing = random.chance(0.6)
      ? this.#things.at(-1 - random.below(Math.min(4, this.#things.length)))
      : random.pick(this.#things);
    if (thing === undefined) return;
    if (thing.kind === 'iterable' || random.chance(0.1)) await this.#iterate(thing.of);
    else if (random.chance(0.02) && thing.of[Symbol.asyncDispose] && thing.kind !== 'ais')
      await this.#dispose(thing.of);
    else await this.#call(thing, random.pick(Object.keys(METHODS[thing.kind] ?? {})));
  }

  /** @param {Thing} thing @param {string} method */
  async #call({ kind, of }, method) {
    const spec = METHODS[kind]?.[method];
    if (spec === undefined) return;
    const given = spec.takes.map((make) => make(this.random));
    const refused = given.flatMap((each) => each.refused ?? []);
    const what = `${kind}.${method}`;
    let result;
    if (process.env.MISUSE_TRACE) console.log(what, given);
    try {
      result = of[method](...given.map(({ value }) => value));
      if (!spec.isSync && typeof result?.then !== 'function') throw new Error(`${what} gave no promise`);
    } catch (error) {
      if (!spec.isSync) throw new Error(`${what} threw: ${error}`, { cause: error });
      this.#judge(what, error, refused);
      return;
    }
    try {
      const value = await result;
      if (refused.length > 0) throw new Error(`${what} took an argument that should be refused with ${refused}`);
      if (spec.gives !== undefined) this.#things.push({ kind: spec.gives, of: value });
    } catch (error) {
      this.#judge(what, error, refused);
    }
  }

  /** @param {string} what @param {unknown} error @param {readonly string[]} refused */
  #judge(what, error, refused) {
    if (error instanceof Planted) return;
    if (!AisError.is(error)) throw error;
    if (isInternal(error.message.replace(/\[[A-Z_]+\]$/, ''))) throw new Error(`${what} is unclear: ${error.message}`);
    if (error.code === 'SA_AIS_ERR_LIBRARY') throw error;
    if (refused.length > 0 && ![...refused, ...EARLIER].includes(error.code) && !this.#isClosed)
      throw new Error(`${what} refused with ${error.code}, not ${refused}`);
  }

  /** Some items, then it is broken off, or just left. @param {any} of */
  async #iterate(of) {
    if (of?.[Symbol.asyncIterator] === undefined) return;
    const iterator = of[Symbol.asyncIterator]();
    try {
      for (let items = this.random.below(4); items > 0; items--) {
        const next = iterator.next();
        if (this.random.chance(0.3)) {
          this.#keep(next.catch((/** @type {unknown} */ error) => this.#judge('next', error, [])));
          continue;
        }
        const { done } = await Promise.race([next, soon({ done: true })]);
        next.catch((/** @type {unknown} */ error) => this.#judge('next', error, []));
        if (done) break;
      }
      // Behind a next() that waits it waits as well, as that of a generator does.
      if (this.random.chance(0.7)) this.#keep(Promise.resolve(iterator.return?.()));
    } catch (error) {
      this.#judge('iteration', error, []);
    }
  }

  /** Any number of times, at any time. @param {any} of */
  async #dispose(of) {
    try {
      await Promise.all([of[Symbol.asyncDispose](), of[Symbol.asyncDispose]()]);
    } catch (error) {
      this.#judge('dispose', error, []);
      if (!this.#isClosed && AisError.is(error) && error.code !== 'SA_AIS_ERR_BAD_HANDLE') throw error;
    }
  }

  async #close() {
    const { random, ais } = this;
    this.#isClosed = true;
    const closing = random.chance(0.5) ? ais.close() : ais[Symbol.asyncDispose]();
    if (random.chance(0.5)) await closing;
    await bounded(
      expectBadHandle(() => ais.close(), 'ais.close'),
      'a second close',
    );
    await bounded(closing, 'close');
    await ais[Symbol.asyncDispose]();
    if ((await bounded(ais.closed, 'closed')) !== undefined) throw new Error('closed has a reason after close()');
  }

  /** Right arguments for whatever was opened. */
  async #afterwards() {
    for (const { kind, of } of this.#things) {
      for (const [method, { takes }] of Object.entries(METHODS[kind] ?? {})) {
        const given = takes.map((make) => right(make, this.random));
        await bounded(
          expectBadHandle(() => of[method](...given), `${kind}.${method}`),
          `${kind}.${method} after close`,
        );
      }
      if (of[Symbol.asyncDispose]) await bounded(of[Symbol.asyncDispose](), `${kind} disposed after close`);
    }
  }
}

/** @param {import('./arguments.mjs').Make} make @param {Random} random */
function right(make, random) {
  for (;;) {
    const { value, refused } = make(random);
    if (refused === undefined) return value;
  }
}

/** @param {() => unknown} call @param {string} what */
async function expectBadHandle(call, what) {
  try {
    await call();
  } catch (error) {
    if (error instanceof Planted) return;
    // What a call asks for can be nothing at all: that is seen first.
    const codes = [
      'SA_AIS_ERR_BAD_HANDLE',
      'SA_AIS_ERR_BAD_FLAGS',
      'SA_AIS_ERR_TIMEOUT',
      'SA_AIS_ERR_INVALID_PARAM',
      'SA_AIS_ERR_NOT_EXIST',
    ];
    if (AisError.is(error) && codes.includes(error.code)) return;
    throw new Error(`${what} after close: ${error}`);
  }
  throw new Error(`${what} succeeds after close`);
}

/** @template T @param {T} value @returns {Promise<T>} */
const soon = (value) => new Promise((resolve) => setTimeout(resolve, 2, value));

/** @template T @param {Promise<T>} promise @param {string} what @returns {Promise<T>} */
async function bounded(promise, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs`)), PATIENCE_MS);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}
