// Memory and file descriptors of the executives over the run, by life.

import { readdirSync } from 'node:fs';

/** A life that is shorter tells nothing of growth. */
const JUDGED_MS = 10 * 60_000;
const MIB = 1 << 20;

/**
 * @typedef {{ at: number, resident: number, heap: number, descriptors: number }} Sample bytes
 * @typedef {{ node: number, startedAt: number, samples: Sample[] }} Course of one life
 * @typedef {'resident' | 'heap' | 'descriptors'} Quantity
 */

/** What may be between the second and the last quarter of a life that is flat. @type {Record<Quantity, (before: number) => number>} */
const MAY_GROW = {
  resident: (before) => before * 1.15 + 16 * MIB,
  heap: (before) => before * 1.25 + 8 * MIB,
  descriptors: (before) => before + 4,
};

export class Samples {
  /** @type {Map<number, Course>} of the lives that were, by process id */
  #courses = new Map();

  /** @param {import('./daemons.mjs').Daemons} daemons */
  take(daemons) {
    for (const [node, status] of daemons.statuses) {
      const life = daemons.life(node);
      const pid = life?.process.pid;
      if (life === undefined || pid === undefined) continue;
      const course = this.#courses.get(pid) ?? { node, startedAt: life.startedAt, samples: [] };
      this.#courses.set(pid, course);
      const { resident, heap } = status.memory;
      const descriptors = count(pid);
      if (descriptors > 0) course.samples.push({ at: Date.now(), resident, heap, descriptors });
    }
  }

  /** Of each node's longest life. */
  report() {
    const nodes = [...new Set([...this.#courses.values()].map(({ node }) => node))].sort((a, b) => a - b);
    return nodes.map((node) => {
      const own = [...this.#courses.values()].filter((course) => course.node === node);
      const longest = own.reduce((a, b) => (spanOf(a) >= spanOf(b) ? a : b));
      const quantities = /** @type {Quantity[]} */ (['resident', 'heap', 'descriptors']);
      const figures = quantities.map((quantity) => {
        const values = longest.samples.map((sample) => sample[quantity]);
        const scale = quantity === 'descriptors' ? 1 : MIB;
        const round = (/** @type {number} */ value) => Math.round(value / scale);
        const [second, last] = quarters(values);
        return [quantity, { secondQuarter: round(second), lastQuarter: round(last), most: round(Math.max(...values)) }];
      });
      return { node, seconds: Math.round(spanOf(longest) / 1000), ...Object.fromEntries(figures) };
    });
  }

  /** What grew that should be flat. @returns {string[]} */
  growth() {
    const found = [];
    for (const course of this.#courses.values()) {
      if (spanOf(course) < JUDGED_MS) continue;
      for (const [name, bound] of Object.entries(MAY_GROW)) {
        const values = course.samples.map((sample) => sample[/** @type {Quantity} */ (name)]);
        const [second, last] = quarters(values);
        if (last > bound(second)) found.push(`executive ${course.node}: ${name} grew from ${second} to ${last}`);
      }
    }
    return found;
  }
}

/** @param {number} pid @returns {number} open file descriptors; 0: it is gone */
function count(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** @param {Course} course */
function spanOf({ samples }) {
  return (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
}

/** Medians of the second and the last quarter. @param {number[]} values @returns {[number, number]} */
function quarters(values) {
  const quarter = Math.ceil(values.length / 4);
  return [median(values.slice(quarter, 2 * quarter)), median(values.slice(-quarter))];
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
