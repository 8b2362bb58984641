// Writes numbers to sections of a checkpoint that nobody else writes to, and reads them again: what was acknowledged and what came back.

import { Opened } from './session.mjs';

export const SECTIONS = 16;
const SIZE = 512;

/**
 * @typedef {{ number: number, start: number, end: number }} Write acknowledged
 * @typedef {{ section: number, read: number, start: number, missing: Write[] }} Regression a read that shows less than was acknowledged
 */

/** @param {number} client */
export const nameOf = (client) => `own-${client}`;

/** @param {number} number */
function dataOf(number) {
  const data = Buffer.alloc(SIZE, number & 0xff);
  data.writeUInt32LE(number);
  return data;
}

/** The number in a section. @param {Buffer} data */
export function numberIn(data) {
  const number = data.readUInt32LE();
  if (!data.equals(dataOf(number))) throw new Error('a section holds bytes that nobody wrote together');
  return number;
}

export class Writer {
  /** By section: acknowledged, and not yet seen in a read. @type {Write[][]} */
  outstanding = Array.from({ length: SECTIONS }, () => []);
  acknowledged = 0;
  #checkpoint;
  #onRegression;
  #last = 0;

  /**
   * @param {import('./session.mjs').Session} session @param {import('./journal.mjs').Journal} journal
   * @param {number} client @param {(regression: Regression) => void} onRegression
   */
  constructor(session, journal, client, onRegression) {
    this.#onRegression = onRegression;
    const create = {
      update: /** @type {const} */ ('all-replicas'),
      checkpointSize: SECTIONS * SIZE,
      retentionDuration: Number.POSITIVE_INFINITY,
      maxSections: SECTIONS,
      maxSectionSize: SIZE,
      maxSectionIdSize: 4,
    };
    const open = (/** @type {import('./session.mjs').Ais} */ ais) =>
      ais.ckpt.open(nameOf(client), { create, read: true, write: true });
    this.#checkpoint = new Opened(session, journal, 'own', open);
  }

  /** One write, in one of its forms; then the section after the next is read. @param {import('../../dist/sim/random.js').Random} random */
  async turn(random) {
    const number = ++this.#last;
    const section = number % SECTIONS;
    const sections = random.chance(0.25) ? [section, random.below(SECTIONS)] : [section];
    const data = dataOf(number);
    const ended =
      sections.length === 1
        ? await this.#checkpoint.call('overwrite', (own) => own.overwrite({ section: `${section}`, data }))
        : await this.#checkpoint.call('write', (own) =>
            own.write(sections.map((each) => ({ section: `${each}`, data, offset: 0 }))),
          );
    if (ended !== undefined && ended.error === undefined) this.#acknowledge(new Set(sections), number, ended);
    else if (ended?.error === 'SA_AIS_ERR_NOT_EXIST') for (const each of sections) await this.#create(each, number);
    await this.#read((section + 2) % SECTIONS);
  }

  close() {
    this.#checkpoint.forget();
  }

  /** @param {Iterable<number>} sections @param {number} number @param {{ start: number, end: number }} ended */
  #acknowledge(sections, number, { start, end }) {
    this.acknowledged += 1;
    for (const section of sections) this.outstanding[section]?.push({ number, start, end });
  }

  /** @param {number} section @param {number} number */
  async #create(section, number) {
    const data = dataOf(number);
    const ended = await this.#checkpoint.call('createSection', (own) => own.createSection({ id: `${section}`, data }));
    if (ended !== undefined && ended.error === undefined) this.#acknowledge([section], number, ended);
  }

  /** @param {number} section */
  async #read(section) {
    const expected = this.outstanding[section] ?? [];
    if (expected.length === 0) return;
    const ended = await this.#checkpoint.call('read', (own) => own.read({ section: `${section}` }));
    const isAbsent = ended?.error === 'SA_AIS_ERR_NOT_EXIST';
    if (ended === undefined || (ended.error !== undefined && !isAbsent)) return;
    const read = ended.value === undefined ? 0 : numberIn(ended.value);
    const missing = expected.filter(({ number }) => number > read);
    if (missing.length > 0) this.#onRegression({ section, read, start: ended.start, missing });
    // Each is told once.
    this.outstanding[section] = [];
  }
}
