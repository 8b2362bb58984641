// What is wrong at the end of a soak, from all that clients, logs and nodes say.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from './judge.mjs';
import { channelOf } from './publisher.mjs';
import { numberIn } from './writer.mjs';

/** What a call may fail with when executives die and merges give up handles; of an iteration of a list: what it reads may be gone. */
const EXPECTED = /^\S+ SA_AIS_ERR_(BAD_HANDLE|LIBRARY|NOT_EXIST|INTERRUPT)$|^connect SA_AIS_ERR_TRY_AGAIN$/;
/** Two clients may create one section, and a vector does not name all sections that are missing. */
const EXPECTED_OF_CREATION = /^(shared|weak|own)\.createSection SA_AIS_ERR_EXIST$/;

/**
 * @typedef {object} Evidence
 * @property {boolean} quorum
 * @property {string} folder
 * @property {import('./logs.mjs').Logs} logs
 * @property {import('./clients.mjs').Client[]} clients
 * @property {import('./survey.mjs').Survey[]} surveys
 * @property {import('../../dist/observe/status.js').Status[]} statuses
 */

/** @param {Evidence} evidence @returns {{ violations: string[], excused: string[] }} */
export function findVerdict({ quorum, folder, logs, clients, surveys, statuses }) {
  /** @type {string[]} */
  const violations = [];
  /** @type {string[]} */
  const excused = [];
  const judge = new Judge(logs.lives);
  /** With quorum nothing excuses a loss. @param {string} what @param {string | undefined} why */
  const missing = (what, why) => {
    if (why === undefined || quorum) violations.push(why === undefined ? what : `${what}; ${why}`);
    else excused.push(`${what}: ${why}`);
  };
  for (const each of clients) {
    for (const { name, section, read, start, missing: writes } of each.regressions)
      for (const write of writes) {
        const what = `client ${each.client} read ${read} in section ${section} of ${name}, where ${write.number} was acknowledged`;
        missing(what, judge.excuseOfRead(each.node, write, start, name));
      }
    for (const event of each.lostEvents) {
      const why = judge.excuseOfRead(each.node, event, event.missedAt);
      missing(`client ${each.client}: event ${event.id} was not there to be cleared`, why);
    }
    for (const found of surveys) compareWith(found, each, judge, missing);
    violations.push(...callsOf(each));
  }
  violations.push(...differences(surveys), ...digestDifferences(statuses), ...repeatedIds(folder, clients));
  return { violations: [...new Set(violations)], excused: [...new Set(excused)] };
}

/**
 * @param {import('./survey.mjs').Survey} found @param {import('./clients.mjs').Client} client
 * @param {Judge} judge @param {(what: string, why: string | undefined) => void} missing
 */
function compareWith({ node, sections, events }, { client, node: home, done }, judge, missing) {
  for (const { name, section, writes } of done?.outstanding ?? []) {
    const data = sections.get(name)?.get(section);
    const number = data === undefined ? 0 : numberIn(data);
    for (const write of writes) {
      if (write.number <= number) continue;
      const fate = judge.fate(home, write, name);
      const what = `node ${node} has ${number} in section ${section} of ${name}, where ${write.number} was acknowledged`;
      missing(what, fate.isLost ? fate.why : undefined);
    }
  }
  for (const event of done?.staying ?? []) {
    if (events.get(channelOf(client))?.has(event.id)) continue;
    const fate = judge.fate(home, event);
    missing(`node ${node} lacks event ${event.id} of client ${client}`, fate.isLost ? fate.why : undefined);
  }
}

/** @param {import('./clients.mjs').Client} client @returns {string[]} */
function callsOf({ client, done }) {
  const pending = (done?.pending ?? []).map((what) => `client ${client}: a call has not ended: ${what}`);
  const unexpected = Object.entries(done?.errors ?? {})
    .filter(([what]) => !EXPECTED.test(what) && !EXPECTED_OF_CREATION.test(what))
    .map(([what, count]) => `client ${client}: no fault explains ${what}, ${count} times`);
  return [...pending, ...unexpected];
}

/** @param {import('./survey.mjs').Survey[]} surveys @returns {string[]} */
function differences([first, ...others]) {
  if (first === undefined) return [];
  const expected = thingsOf(first);
  return others.flatMap((other) => {
    const found = thingsOf(other);
    const differing = [
      ...[...expected].filter((each) => !found.has(each)),
      ...[...found].filter((each) => !expected.has(each)),
    ];
    if (differing.length === 0) return [];
    const example = differing[0]?.slice(0, 100);
    return [`nodes ${first.node} and ${other.node} differ in ${differing.length} things, such as ${example}`];
  });
}

/** @param {import('./survey.mjs').Survey} survey @returns {Set<string>} */
function thingsOf({ sections, events }) {
  const things = [...sections].flatMap(([name, all]) =>
    [...all].map(([id, data]) => `section ${id} of ${name}: ${data.toString('base64')}`),
  );
  return new Set(things.concat([...events].flatMap(([name, ids]) => [...ids].map((id) => `event ${id} of ${name}`))));
}

/** @param {import('../../dist/observe/status.js').Status[]} statuses @returns {string[]} */
function digestDifferences(statuses) {
  const found = [];
  for (const { id } of statuses[0]?.services ?? []) {
    const digests = statuses.map(({ services }) => services.find((service) => service.id === id)?.digest);
    if (new Set(digests).size > 1) found.push(`the digests of ${id} differ: ${digests.join(', ')}`);
  }
  return found;
}

/** @param {string} folder @param {import('./clients.mjs').Client[]} clients @returns {string[]} */
function repeatedIds(folder, clients) {
  const seen = new Set();
  const repeated = [];
  for (const { client } of clients) {
    const file = join(folder, `events-${client}.txt`);
    if (!existsSync(file)) continue;
    for (const id of readFileSync(file, 'utf8').split('\n')) {
      if (id === '') continue;
      if (seen.has(id)) repeated.push(`event id ${id} was given twice`);
      seen.add(id);
    }
  }
  return repeated;
}
