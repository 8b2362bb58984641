import { expect, test } from 'vitest';
import { Passage } from '../../../src/services/evs/passage.js';

const HIGH = 1;
const MEDIUM = 2;

function watch(passage: Passage): { readonly hasPassed: boolean; cancel(): void } {
  const state = { hasPassed: false, cancel: () => {} };
  state.cancel = passage.whenPassed(() => {
    state.hasPassed = true;
  });
  return state;
}

test('With nothing accepted, all has passed', () => {
  expect(watch(new Passage()).hasPassed).toBe(true);
});

test('What was accepted before the call is waited for, what comes after is not', () => {
  const passage = new Passage();
  passage.accept(MEDIUM, 2);
  const watched = watch(passage);
  passage.accept(MEDIUM);
  passage.pass(MEDIUM);
  expect(watched.hasPassed).toBe(false);
  passage.pass(MEDIUM);
  expect(watched.hasPassed).toBe(true);
});

test('Each priority is waited for', () => {
  const passage = new Passage();
  passage.accept(MEDIUM);
  passage.accept(HIGH);
  const watched = watch(passage);
  passage.pass(HIGH);
  expect(watched.hasPassed).toBe(false);
  passage.pass(MEDIUM);
  expect(watched.hasPassed).toBe(true);
});

test('A message that was dropped leaves a hole, which does not count for one before it', () => {
  const passage = new Passage();
  passage.accept(MEDIUM);
  const first = watch(passage);
  const dropped = passage.accept(MEDIUM);
  passage.accept(MEDIUM);
  const last = watch(passage);
  passage.drop(MEDIUM, dropped);
  expect(first.hasPassed).toBe(false);
  passage.pass(MEDIUM);
  expect([first.hasPassed, last.hasPassed]).toEqual([true, false]);
  passage.pass(MEDIUM);
  expect(last.hasPassed).toBe(true);
});

test('Holes next to each other are skipped together', () => {
  const passage = new Passage();
  const ordinals = [passage.accept(MEDIUM), passage.accept(MEDIUM), passage.accept(MEDIUM)];
  const watched = watch(passage);
  for (const ordinal of ordinals.toReversed()) passage.drop(MEDIUM, ordinal);
  expect(watched.hasPassed).toBe(true);
});

test('Who gives up waiting is not called', () => {
  const passage = new Passage();
  passage.accept(MEDIUM);
  const watched = watch(passage);
  watched.cancel();
  passage.pass(MEDIUM);
  expect(watched.hasPassed).toBe(false);
});
