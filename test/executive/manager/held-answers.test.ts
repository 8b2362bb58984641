import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OrderedRequest } from '../../../src/executive/manager/connection.js';
import { HeldAnswers } from '../../../src/executive/manager/held-answers.js';
import type { Hello } from '../../../src/executive/manager/hello.js';
import { makePlan } from '../../../src/executive/manager/plan.js';
import { OK, type Outcome, type Replica, type Service } from '../../../src/executive/service.js';
import { Register } from './register.js';

const register = new Register();
let held: HeldAnswers;
let answers: Outcome[];

beforeEach(() => {
  held = new HeldAnswers();
  answers = [];
  const connection = { answer: (_: number, outcome: Outcome) => answers.push(outcome) };
  held.add(register, { connection, fn: 7, tag: 1, body: Buffer.from([9]) } as unknown as OrderedRequest, OK);
});

afterEach(() => {
  delete (register.replica as Replica).isKept;
});

function hello(lineage: string, view: number): Hello {
  const services = [
    { number: register.number, isBlank: false, digest: Buffer.from(lineage), greeting: Buffer.alloc(0) },
  ];
  const origin = { rememberedView: view, founder: 'f', age: 0, isBehind: false, history: [] };
  return { lineage, oldMembers: [1, 2], lastPrimaryView: view, hasSeenAll: false, time: 0, ...origin, services };
}

/** A configuration of nodes 1 (this one) and 2. */
function settle(hellos: readonly [Hello, Hello], isPrimary: boolean, hasQuorum = true): void {
  const byNode = new Map(hellos.map((each, index) => [index + 1, each]));
  held.settle(held.take(), makePlan(byNode, hasQuorum), byNode, 1, isPrimary);
}

test('What all of a primary component have is answered, once', () => {
  const same = hello('a', 4);
  settle([same, same], true);
  settle([same, same], true);
  expect(answers).toEqual([OK]);
});

test('Without quorum an answer waits on', () => {
  const same = hello('a', 4);
  settle([same, same], false);
  expect(answers).toEqual([]);
  settle([same, same], true);
  expect(answers).toEqual([OK]);
});

test('A service whose merges keep everything lost it all the same where nothing was merged', () => {
  const keeping = { ...register, replica: { ...register.replica, isKept: () => true } } as unknown as Service;
  held = new HeldAnswers();
  const connection = { answer: (_: number, outcome: Outcome) => answers.push(outcome) };
  held.add(keeping, { connection, tag: 1 } as unknown as OrderedRequest, OK);
  settle([hello('a', 4), hello('b', 8)], true);
  expect(answers).toMatchObject([{ ok: false, code: 'SA_AIS_ERR_BAD_HANDLE' }]);
});

test('What was lost to another component is never answered as done, also if quorum comes only later', () => {
  settle([hello('a', 4), hello('b', 8)], false);
  // The node that had it delivered with this one may be among those whose state was taken.
  expect(answers).toMatchObject([{ ok: false, code: 'SA_AIS_ERR_BAD_HANDLE', mayHaveEffect: true }]);
  const same = hello('b', 8);
  settle([same, same], true);
  expect(answers).toHaveLength(1);
});

test('Where states are merged, the service says what is in the one that they made', () => {
  const asked: unknown[] = [];
  (register.replica as Replica).isKept = ({ fn, body }) => {
    asked.push([fn, body.u8()]);
    return false;
  };
  settle([hello('a', 4), hello('b', 4)], true, false);
  expect(answers).toMatchObject([{ ok: false, code: 'SA_AIS_ERR_BAD_HANDLE' }]);
  expect(asked).toEqual([[7, 9]]);
});
