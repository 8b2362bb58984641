// What executives wrote in their logs: their lives, the configurations that each came to, and what merges gave up.

import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {{ checkpoint: string, taken: number[], lost: number[][] }} Loss
 * @typedef {{ at: number, configuration: string, members: number[], origin: string, losses: Loss[] }} Commit the state of a configuration
 * @typedef {{ node: number, start: number, end: number, commits: Commit[] }} Life `end`: Infinity, it lives
 * @typedef {{ lives: Life[], complaints: string[] }} Logs
 */

/** What an executive may well say above the level of information, when clients and networks fail. */
const HARMLESS = ['the state file'];

/** @param {{ node: number, path: string }[]} files @returns {Logs} */
export function readLogs(files) {
  /** @type {Logs} */
  const logs = { lives: [], complaints: [] };
  for (const { node, path } of files) if (existsSync(path)) readLog(node, readFileSync(path, 'utf8').split('\n'), logs);
  return logs;
}

/** @param {number} node @param {string[]} lines @param {Logs} logs */
export function readLog(node, lines, logs) {
  /** @type {Life | undefined} */
  let life;
  /** @type {Loss[]} */
  let losses = [];
  for (const line of lines) {
    const entry = parse(line);
    if (entry === undefined) continue;
    const at = Date.parse(entry.time);
    if (entry.message === 'executive starts') {
      if (life !== undefined) life.end = at;
      life = { node, start: at, end: Number.POSITIVE_INFINITY, commits: [] };
      logs.lives.push(life);
      losses = [];
    } else if (entry.message === 'a merge gave up changes of a checkpoint') {
      losses.push({ checkpoint: entry.checkpoint, taken: entry.taken, lost: entry.lost });
    } else if (entry.message === 'synchronized') {
      const { configuration, members, primary, parts, taken } = entry;
      life?.commits.push({ at, configuration, members, origin: JSON.stringify({ primary, parts, taken }), losses });
      losses = [];
    } else if (entry.level !== 'info' && entry.level !== 'debug' && !HARMLESS.includes(entry.message)) {
      logs.complaints.push(`executive ${node}: ${entry.message} ${entry.what ?? entry.error ?? ''}`);
    }
  }
}

/** A process that is killed may leave half a line. @param {string} line */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Members of one configuration decide alike. @param {Logs} logs @returns {string[]} where they did not */
export function disagreements({ lives }) {
  /** @type {Map<string, { node: number, text: string }>} */
  const decided = new Map();
  const found = [];
  for (const { node, commits } of lives) {
    for (const { configuration, origin, losses, members } of commits) {
      const text = JSON.stringify([members, origin, losses.map((loss) => JSON.stringify(loss)).sort()]);
      const other = decided.get(configuration);
      if (other === undefined) decided.set(configuration, { node, text });
      else if (other.text !== text)
        found.push(`nodes ${other.node} and ${node} decided differently in ${configuration}: ${other.text}, ${text}`);
    }
  }
  return found;
}
