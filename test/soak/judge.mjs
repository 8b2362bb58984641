// Whether an acknowledged change has to be there at the end. It was held by all members that had come to the configuration in which it was
// ordered; it goes with each of them into the next one, unless a merge there gave up what they had, or the process was killed. It has
// to be there if one of these ways leads to the end.

/**
 * @typedef {import('./logs.mjs').Life} Life
 * @typedef {{ start: number, end: number }} Span of the call
 * @typedef {{ isLost: true, why: string } | { isLost: false }} Fate
 */

/** What an executive has sent reaches a busy client so much later. */
const LATE_MS = 100;
/** Members come to the state of one configuration within this time of each other. */
const SLOW_MS = 2000;

export class Judge {
  #lives;
  /** Who came to a configuration: life, and place among its commits. @type {Map<string, { life: Life, index: number }[]>} */
  #holders = new Map();

  /** @param {Life[]} lives */
  constructor(lives) {
    this.#lives = lives;
    for (const life of lives)
      for (const [index, { configuration }] of life.commits.entries()) {
        const holders = this.#holders.get(configuration) ?? [];
        this.#holders.set(configuration, [...holders, { life, index }]);
      }
  }

  /**
   * Of a change that a client of `node` was told to be done. It was ordered in one of the configurations from its start to its end: it is
   * excused if it is lost from any of them.
   * @param {number} node @param {Span} span @param {string} [checkpoint] none: a merge gives up nothing of it
   * @returns {Fate}
   */
  fate(node, span, checkpoint) {
    const life = this.#lives.find((each) => each.node === node && each.start <= span.start && span.start < each.end);
    if (life === undefined) return { isLost: true, why: 'its executive was not there' };
    const before = life.commits.findLastIndex(({ at }) => at < span.start);
    for (let index = Math.max(0, before); index < life.commits.length; index += 1) {
      const commit = life.commits[index];
      if (commit === undefined || commit.at > span.end + LATE_MS) break;
      const why = this.#follow(commit.configuration, checkpoint);
      if (why !== undefined) return { isLost: true, why };
    }
    return { isLost: false };
  }

  /** Why nobody has it at the end. @param {string} configuration @param {string | undefined} checkpoint @returns {string | undefined} */
  #follow(configuration, checkpoint) {
    let why = 'all who had it were killed';
    const seen = new Set([configuration]);
    const waiting = [...(this.#holders.get(configuration) ?? [])];
    for (let holder = waiting.pop(); holder !== undefined; holder = waiting.pop()) {
      const { life, index } = holder;
      const next = life.commits[index + 1];
      if (next === undefined) {
        if (life.end === Number.POSITIVE_INFINITY) return undefined;
        continue;
      }
      const loss = next.losses.find((each) => each.checkpoint === checkpoint && each.lost.flat().includes(life.node));
      if (loss !== undefined) {
        why = `in ${next.configuration} the state of ${loss.taken.join(', ') || 'nobody'} was taken`;
      } else if (!seen.has(next.configuration)) {
        seen.add(next.configuration);
        waiting.push(...(this.#holders.get(next.configuration) ?? []));
      }
    }
    return why;
  }

  /**
   * Why a read on `node` shows less than was acknowledged there before: what the node had was given up meanwhile, or its executive is
   * another one, which may have come to a part of the cluster that does not have it.
   * @param {number} node @param {Span} written @param {number} readAt @param {string} [checkpoint]
   * @returns {string | undefined}
   */
  excuseOfRead(node, written, readAt, checkpoint) {
    const life = this.#lives.find(
      (each) => each.node === node && each.start <= written.start && written.start < each.end,
    );
    if (life === undefined || life.end <= readAt) return 'its executive was started again';
    // In the log of any member: that of one that was killed may end too early.
    const loss = this.#lives
      .flatMap(({ commits }) => commits)
      .filter(({ at }) => at >= written.start && at <= readAt + SLOW_MS)
      .flatMap(({ losses }) => losses)
      .find((each) => each.checkpoint === checkpoint && each.lost.flat().includes(node));
    return loss === undefined ? undefined : `the state of ${loss.taken.join(', ') || 'nobody'} was taken`;
  }
}
