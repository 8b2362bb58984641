/** All timers of the ring in one table: those of membership and those that the core is given. Milliseconds; `n` is the number of nodes
 *  that the cluster is laid out for. 'lan' is totem A28 to A31; 'slow' has the proportions of wide or loaded networks; 'fast' is for ring
 *  threads that are never kept waiting: real-time priority, and processors that nobody takes away. */

export type TimerProfile = 'lan' | 'slow' | 'fast';

/** Milliseconds. */
export interface Timers {
  /** Core. No token accepted for so long: the ring is lost. */
  readonly token: number;
  /** Core. How long an idle token rests. */
  readonly hold: number;
  /** Core. Repetition of a token that was forwarded as idle (A30). */
  readonly idleRetransmit: number;
  /** Core. Repetition of any other: a few measured rotations, doubling, within these two. */
  readonly retransmitMin: number;
  readonly retransmitMax: number;
  /** Core. The same member holds the aru back for so long. */
  readonly failToReceive: number;
  /** Core. The application takes nothing for so long: this node leaves (A10). More than the 10 s after which an EVS session that
   *  stops the reading is ended, so that one stuck session does not cost the ring a member. */
  readonly slowConsumer: number;
  /** Core and membership. So late that the process was stopped rather than busy (A15). */
  readonly pause: number;
  /** Core. A host refused a packet for this process, and nothing was heard from it for so long: it is gone (A29). */
  readonly silence: number;

  /** Between repetitions of a Join. */
  readonly join: number;
  /** At most so much is added to it at random. */
  readonly joinJitter: number;
  /** Two Joins, or two announcements, of one node are at least so far apart. */
  readonly joinGap: number;
  /** A Join that answers a change is delayed at random up to this, so that many nodes do not speak at once (S25). */
  readonly joinSpread: number;
  /** Agreement takes longer: silent nodes are left out. It need not exceed token: any Join pulls a member into Gather (A28). */
  readonly consensus: number;
  /** A ring thread answers, but its membership is silent: so long it is waited for. */
  readonly patience: number;
  /** A JavaScript loop that is further behind does not take part (A28). */
  readonly lagMax: number;
  /** Services wait for a member's part of their synchronisation, and its JavaScript loop is further behind: it is left out. */
  readonly hang: number;
  /** Between two looks at those for whom services wait. */
  readonly look: number;
  /** They wait for this node's part, its loop runs, and nothing of that part was ordered for so long: it leaves. More than those who
   *  hold the ring back may need to be found out. */
  readonly owed: number;
  /** A commit token is awaited so long, once for each of its rotations. */
  readonly commit: number;
  /** Repetition of a commit token until the ring shows that it went on. */
  readonly commitResend: number;
  /** It doubles up to this. */
  readonly commitResendMax: number;

  /** Between announcements of a ring to others, busy or not (A31). */
  readonly merge: number;
  /** At most so much is added to it at random. */
  readonly mergeJitter: number;
  /** A process that was not heard for so long is out of reach: three lost announcements. */
  readonly foreign: number;
  /** After a trigger that was honoured, and led to a ring without its sender: first pause, doubling up to the second (totem 1.14). */
  readonly dampMin: number;
  readonly dampMax: number;
  /** A member that failed to receive, or that hung while services waited for it, is not let in again for so long, doubling up to the
   *  second. */
  readonly quarantineMin: number;
  readonly quarantineMax: number;

  /** Leaving: what was submitted is awaited so long, then the Leave is sent `leaveCount` times so far apart. */
  readonly drain: number;
  readonly leaveRepeat: number;
}

export type TimerName = keyof Timers;

type Formula = (timers: Timers, n: number) => number;

interface Row {
  readonly lan: Formula;
  readonly slow: Formula;
  /** Where it is not that of 'lan'. */
  readonly fast?: Formula;
}

const both = (formula: Formula): Row => ({ lan: formula, slow: formula });

/** Worked out in this order: a formula may use the rows above it. */
const TABLE: Readonly<Record<TimerName, Row>> = {
  token: { lan: (_, n) => 200 + 10 * n, slow: (_, n) => 3000 + 650 * Math.max(0, n - 2), fast: (_, n) => 48 + n },
  hold: both((t) => (3 * t.token) / 20),
  idleRetransmit: both((t) => (3 * t.token) / 10),
  retransmitMin: { lan: () => 0.4, slow: () => 20 },
  retransmitMax: both((t) => t.token / 5),
  failToReceive: both((t) => Math.max(2 * t.token, 1000)),
  slowConsumer: { lan: () => 15_000, slow: () => 30_000 },
  pause: both((t) => t.token / 2),
  silence: { lan: () => 40, slow: (t) => t.token / 10, fast: () => 20 },

  join: { lan: () => 25, slow: () => 50, fast: () => 4 },
  joinJitter: both((t) => t.join / 2),
  joinGap: { lan: () => 2, slow: () => 10, fast: () => 1 },
  joinSpread: both((_, n) => (n <= 8 ? 0 : n / 4)),
  consensus: { lan: (_, n) => 130 + 10 * n, slow: (t) => 1.2 * t.token, fast: (_, n) => 46 + n },
  patience: both((t) => Math.max(1000, 2 * t.consensus)),
  lagMax: both(() => 1000),
  hang: both((t) => Math.max(10 * t.token, 5000)),
  look: both((t) => t.lagMax / 2),
  owed: both((t) => 2 * Math.max(t.slowConsumer, t.hang)),
  commit: both((t, n) => t.token + 10 * n),
  commitResend: { lan: () => 10, slow: () => 50, fast: () => 5 },
  commitResendMax: both((t) => 4 * t.commitResend),

  merge: both(() => 200),
  mergeJitter: both((t) => t.merge / 4),
  foreign: both((t) => 3 * (t.merge + t.mergeJitter)),
  dampMin: both((t) => t.consensus),
  dampMax: both((t) => 20 * t.merge),
  quarantineMin: both((t) => 2 * t.failToReceive),
  quarantineMax: both((t) => 8 * t.failToReceive),

  drain: both((t) => Math.max(5000, 4 * t.token)),
  leaveRepeat: { lan: () => 5, slow: () => 50 },
};

/** Leave packets of a node that leaves. */
export const LEAVE_COUNT = 3;

export interface TimerOptions {
  /** Default 'lan'. */
  readonly profile?: TimerProfile;
  /** Nodes that the cluster is laid out for, 1 to 128. */
  readonly nodes: number;
  /** Milliseconds, instead of the formula. Rows below that use it follow. */
  readonly set?: Partial<Timers>;
}

interface Relation {
  readonly holds: (t: Timers) => boolean;
  readonly text: (t: Timers) => string;
}

const RELATIONS: readonly Relation[] = [
  {
    holds: (t) => t.hold <= t.idleRetransmit / 2,
    text: (t) => `hold (${t.hold}) must be at most half of the repetition of an idle token (${t.idleRetransmit / 2})`,
  },
  {
    holds: (t) => t.idleRetransmit < t.token / 3 && t.retransmitMax < t.token / 3,
    text: (t) => `a token must be repeated more than twice before it counts as lost (token ${t.token})`,
  },
  {
    holds: (t) => t.retransmitMin <= t.retransmitMax,
    text: (t) => `retransmitMin (${t.retransmitMin}) must not exceed retransmitMax (${t.retransmitMax})`,
  },
  {
    // Four Joins within the time of agreement, and their way.
    holds: (t) => t.consensus >= 4 * t.join + 30,
    text: (t) => `consensus (${t.consensus}) must be at least 4 x join + 30 (${4 * t.join + 30})`,
  },
  {
    holds: (t) => t.silence < t.token,
    text: (t) => `silence (${t.silence}) must be below token (${t.token})`,
  },
  {
    holds: (t) => t.pause <= t.token,
    text: (t) => `pause (${t.pause}) must not exceed token (${t.token})`,
  },
  {
    holds: (t) => t.failToReceive >= 2 * t.token,
    text: (t) => `failToReceive (${t.failToReceive}) must be at least 2 x token (${2 * t.token})`,
  },
  {
    holds: (t) => 4 * t.commitResend <= t.commit,
    text: (t) => `commit (${t.commit}) must be at least 4 x commitResend (${4 * t.commitResend})`,
  },
  {
    holds: (t) => t.merge >= t.join,
    text: (t) => `merge (${t.merge}) must be at least join (${t.join})`,
  },
];

export class TimerError extends Error {
  /** One sentence for each relation that does not hold. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`timers: ${problems.join('; ')}`);
    this.name = 'TimerError';
    this.problems = problems;
  }
}

/** The table for a cluster.
 *  @throws TimerError naming every relation that does not hold, with its values. */
export function makeTimers(options: TimerOptions): Timers {
  const { profile = 'lan', nodes, set = {} } = options;
  const problems: string[] = [];
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 128) problems.push(`nodes (${nodes}) must be 1 to 128`);
  const timers: Partial<Record<TimerName, number>> = {};
  for (const [name, row] of Object.entries(TABLE) as [TimerName, Row][]) {
    const value = set[name] ?? (row[profile] ?? row.lan)(timers as Timers, nodes);
    if (!Number.isFinite(value) || value < 0) problems.push(`${name} (${value}) must be a time in milliseconds`);
    timers[name] = value;
  }
  const table = timers as Timers;
  if (problems.length === 0) {
    for (const relation of RELATIONS) if (!relation.holds(table)) problems.push(relation.text(table));
  }
  if (problems.length > 0) throw new TimerError(problems);
  return table;
}

/** The core's share of the table, in nanoseconds (native/core/config.hpp). */
export interface EngineTimers {
  readonly tokenLoss: number;
  readonly hold: number;
  readonly idleRetransmit: number;
  readonly retransmitMin: number;
  readonly retransmitMax: number;
  readonly failToReceive: number;
  readonly slowConsumer: number;
  readonly pause: number;
  readonly silence: number;
}

export function engineTimers(timers: Timers): EngineTimers {
  const ns = (ms: number): number => Math.round(ms * 1e6);
  return {
    tokenLoss: ns(timers.token),
    hold: ns(timers.hold),
    idleRetransmit: ns(timers.idleRetransmit),
    retransmitMin: ns(timers.retransmitMin),
    retransmitMax: ns(timers.retransmitMax),
    failToReceive: ns(timers.failToReceive),
    slowConsumer: ns(timers.slowConsumer),
    pause: ns(timers.pause),
    silence: ns(timers.silence),
  };
}
