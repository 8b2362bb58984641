// Writes growing numbers to sections that nobody else writes to, and reads them again: what was acknowledged and what came back.

import { Opened } from './session.mjs';

const SIZE = 512;
const SECTIONS_MAX = 4096;

/**
 * @typedef {{ number: number, start: number, end: number }} Write acknowledged
 * @typedef {{ name: string, section: string, read: number, start: number, missing: Write[] }} Regression a read that shows less than was
 *   acknowledged
 * @typedef {{ name: string, section: string, writes: Write[] }} Outstanding acknowledged, and not seen in a read since
 * @typedef {{ name: string, prefix: string, sections: number }} Place checkpoint, and which of its sections are the writer's
 */

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
  /** By section. @type {Write[][]} */
  #outstanding;
  acknowledged = 0;
  #checkpoint;
  #onRegression;
  #place;
  #last = 0;

  /**
   * @param {import('./session.mjs').Session} session @param {import('./journal.mjs').Journal} journal
   * @param {Place} place @param {(regression: Regression) => void} onRegression
   */
  constructor(session, journal, place, onRegression) {
    this.#onRegression = onRegression;
    this.#place = place;
    this.#outstanding = Array.from({ length: place.sections }, () => []);
    const create = {
      update: /** @type {const} */ ('all-replicas'),
      checkpointSize: SECTIONS_MAX * SIZE,
      retentionDuration: Number.POSITIVE_INFINITY,
      maxSections: SECTIONS_MAX,
      maxSectionSize: SIZE,
      maxSectionIdSize: 8,
    };
    const open = (/** @type {import('./session.mjs').Ais} */ ais) =>
      ais.ckpt.open(place.name, { create, read: true, write: true });
    this.#checkpoint = new Opened(session, journal, 'own', open);
  }

  /** @returns {Outstanding[]} */
  get outstanding() {
    const { name } = this.#place;
    return this.#outstanding.map((writes, index) => ({ name, section: this.#id(index), writes }));
  }

  /** @param {number} index */
  #id(index) {
    return `${this.#place.prefix}${index}`;
  }

  /** One write, in one of its forms; then the section after the next is read. @param {import('../../dist/sim/random.js').Random} random */
  async turn(random) {
    const number = ++this.#last;
    const count = this.#place.sections;
    const section = number % count;
    const sections = random.chance(0.25) ? [section, random.below(count)] : [section];
    const data = dataOf(number);
    const ended =
      sections.length === 1
        ? await this.#checkpoint.call('overwrite', (own) => own.overwrite({ section: this.#id(section), data }))
        : await this.#checkpoint.call('write', (own) =>
            own.write(sections.map((each) => ({ section: this.#id(each), data, offset: 0 }))),
          );
    if (ended !== undefined && ended.error === undefined) this.#acknowledge(new Set(sections), number, ended);
    else if (ended?.error === 'SA_AIS_ERR_NOT_EXIST') for (const each of sections) await this.#create(each, number);
    await this.#read((section + 2) % count);
  }

  /** @param {Iterable<number>} sections @param {number} number @param {{ start: number, end: number }} ended */
  #acknowledge(sections, number, { start, end }) {
    this.acknowledged += 1;
    for (const section of sections) this.#outstanding[section]?.push({ number, start, end });
  }

  /** @param {number} section @param {number} number */
  async #create(section, number) {
    const data = dataOf(number);
    const ended = await this.#checkpoint.call('createSection', (own) =>
      own.createSection({ id: this.#id(section), data }),
    );
    if (ended !== undefined && ended.error === undefined) this.#acknowledge([section], number, ended);
  }

  /** @param {number} section */
  async #read(section) {
    const expected = this.#outstanding[section] ?? [];
    if (expected.length === 0) return;
    const ended = await this.#checkpoint.call('read', (own) => own.read({ section: this.#id(section) }));
    const isAbsent = ended?.error === 'SA_AIS_ERR_NOT_EXIST';
    if (ended === undefined || (ended.error !== undefined && !isAbsent)) return;
    const read = ended.value === undefined ? 0 : numberIn(ended.value);
    const missing = expected.filter(({ number }) => number > read);
    const { name } = this.#place;
    if (missing.length > 0) this.#onRegression({ name, section: this.#id(section), read, start: ended.start, missing });
    // Each is told once.
    this.#outstanding[section] = [];
  }
}
