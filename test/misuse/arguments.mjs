// Arguments of calls, right ones and wrong ones. A wrong one says which codes it may be refused with.

/** @typedef {import('../../dist/sim/random.js').Random} Random */
/** @typedef {{ value: any, refused?: readonly string[] }} Argument */
/** @typedef {(random: Random) => Argument} Make */

/** What a user's own code throws, in the middle of a call. */
export class Planted extends Error {}

const INVALID = ['SA_AIS_ERR_INVALID_PARAM'];
const SHARE = 0.15;
const plant = () => {
  throw new Planted('planted');
};

/** @param {readonly any[]} right @param {readonly any[]} wrong @param {readonly string[]} [codes] @returns {Make} */
const oneOf =
  (right, wrong, codes = INVALID) =>
  (random) =>
    random.chance(SHARE) ? { value: random.pick(wrong), refused: codes } : { value: random.pick(right) };

const NOT_TEXT = [
  undefined,
  null,
  Number.NaN,
  7,
  1n,
  true,
  {},
  [],
  Symbol('s'),
  Buffer.from('a'),
  new String('a'),
  plant,
];
const LONG = 'x'.repeat(256);

/** @type {Make} */
export const name = (random) =>
  random.chance(0.05)
    ? { value: random.pick([LONG, 'ä'.repeat(128), 'x'.repeat(1 << 20)]), refused: ['SA_AIS_ERR_NAME_TOO_LONG'] }
    : oneOf(
        ['misuse 1', 'misuse 2', 'misuse 3', 'a\0b', '__proto__', 'x'.repeat(255)],
        [...NOT_TEXT, '', '\ud800', 'a\udc00'],
      )(random);

/** Of any length. */
export const text = oneOf(
  ['', 'none', 'x'.repeat(255), '\ud800'],
  ['x'.repeat(256), 'x'.repeat(70_000), null, 5, {}, Symbol('s'), 1n, Buffer.from('a')],
);

/** @param {Make} item @param {number} most @param {readonly string[]} codes if there are more @returns {Make} */
export const list = (item, most, codes) => (random) => {
  if (random.chance(0.05))
    return { value: random.pick([null, 'abc', 5, {}, new Set(), { length: 3 }]), refused: INVALID };
  if (random.chance(0.03)) {
    const fair = Array.from({ length: most + 1 }, () => repeat(item, random));
    return { value: fair.map(({ value }) => value), refused: codes };
  }
  const items = Array.from({ length: random.below(4) }, () => item(random));
  const refused = items.flatMap((each) => each.refused ?? []);
  const value = items.map((each) => each.value);
  if (random.chance(0.03))
    return { value: Object.assign(value, { length: value.length + 1 }), refused: [...refused, ...INVALID] };
  return refused.length > 0 ? { value, refused } : { value };
};

/** A right one. @param {Make} item @param {Random} random */
function repeat(item, random) {
  for (;;) {
    const made = item(random);
    if (made.refused === undefined) return made;
  }
}

export const groups = list(name, 50, ['EVS_ERR_TOO_MANY_GROUPS']);

const detached = () => {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};
const SOME = [
  Buffer.from('x'),
  new Uint8Array(5),
  Buffer.alloc(100).subarray(10, 20),
  new Uint8Array(new SharedArrayBuffer(4)),
];
const NOT_BYTES = [
  undefined,
  null,
  'text',
  [1, 2],
  new ArrayBuffer(4),
  new DataView(new ArrayBuffer(4)),
  new Uint16Array(2),
  { length: 4 },
  9,
  Symbol('s'),
];

/** @param {number} most bytes @param {readonly string[]} [codes] if there are more @returns {Make} */
export const bytes =
  (most, codes = INVALID) =>
  (random) =>
    random.chance(0.02)
      ? { value: Buffer.allocUnsafe(most + 1), refused: codes }
      : oneOf([...SOME, detached(), Buffer.alloc(0), Buffer.alloc(3000)], NOT_BYTES)(random);

export const bytesOrText = oneOf(
  [...SOME, 'a', 'b', 'a\0', ''],
  [null, 5, {}, [1], Symbol('s'), '\ud800', new Uint16Array(1)],
);

/** Milliseconds. */
export const time = oneOf(
  [0, 0.5, 5, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY],
  [null, Number.NaN, -1, -Infinity, '5', {}, 1n, Symbol('s')],
);

export const flag = oneOf([true, false], [null, 0, 1, 'true', {}, 1n, Symbol('s')]);
export const eventId = oneOf(
  [1001n, 2n ** 63n, 2n ** 64n - 1n],
  [0n, 1n, 1000n, -1n, 2n ** 64n, 5000, '5000', null, undefined, Symbol('s')],
);
export const nodeId = oneOf(
  ['local', 1, 2, 0xffff_ffff],
  [0, -1, 1.5, 2 ** 32, '1', null, undefined, 1n, Number.NaN, Symbol('s')],
);
/** @param {readonly any[]} right @returns {Make} */
export const choice = (right) => oneOf(right, ['', 'other', null, 4, -1, 1.5, {}, Number.NaN, Symbol('s'), 1n]);
/** @param {readonly number[]} right @returns {Make} */
export const count = (right) =>
  oneOf(right, [null, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', 1n, {}, Symbol('s')]);

/** A small one stops the executive's reading for as long as it is full: seldom. @type {Make} */
export const queueBytes = (random) =>
  random.chance(0.01)
    ? { value: random.pick([1, 1.5, 1000]) }
    : oneOf([1 << 18, 1 << 20, Number.POSITIVE_INFINITY], [null, 0, 0.5, -1, Number.NaN, '1', 1n, {}])(random);

/** @type {Make} Aborted before, while or after the call waits; or no signal at all. */
const signal = (random) => {
  if (random.chance(SHARE))
    return { value: random.pick([null, 5, {}, 'abort', new AbortController()]), refused: INVALID };
  const controller = new AbortController();
  const abort = () => controller.abort(new Planted('aborted'));
  const when = random.below(4);
  if (when === 0) abort();
  if (when === 1) setImmediate(abort);
  if (when === 2) setTimeout(abort, random.below(8));
  return { value: controller.signal };
};

/**
 * An object of optional parts, or none at all; or one whose parts throw when they are read.
 * @param {Record<string, Make>} parts @param {{ needed?: readonly string[] }} [settings] @returns {Make}
 */
export const object =
  (parts, { needed } = {}) =>
  (random) => {
    if (needed === undefined && random.chance(0.3)) return { value: undefined };
    if (random.chance(0.05))
      return { value: random.pick([null, 5, 'options', true, 1n, Symbol('s')]), refused: INVALID };
    /** @type {Record<string, any>} */
    const value = random.chance(0.1) ? Object.create(null) : {};
    /** @type {string[]} */
    const refused = [];
    for (const [key, make] of Object.entries(parts)) {
      const isThere = needed?.includes(key) || random.chance(0.4);
      if (!isThere) continue;
      if (random.chance(0.01)) {
        Object.defineProperty(value, key, { get: plant, enumerable: true });
        continue;
      }
      const part = make(random);
      value[key] = part.value;
      // It is as if an optional part were left out.
      if (part.value !== undefined || needed?.includes(key)) refused.push(...(part.refused ?? []));
    }
    return refused.length > 0 ? { value, refused } : { value };
  };

export const waiting = { timeout: time, signal, tryAgain: choice(['wait', 'throw']) };
export const options = object(waiting);
