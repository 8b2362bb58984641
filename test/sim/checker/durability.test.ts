import { describe, expect, it } from 'vitest';
import { broken, history, member } from './notation.js';

const { node } = member('p');
const persisted = (time: number, ringSeq: bigint, at = node) => ({ node: at, time, ringSeq });
const onWire = persisted;

describe('E24, ring sequences are durable before they are used', () => {
  it('accepts a sequence on the wire at the moment when it is on the disk', () => {
    const known = {
      persisted: [persisted(1, 1024n), persisted(9, 2048n)],
      onWire: [onWire(1, 1024n), onWire(9, 2048n)],
    };
    expect(broken(history('p: boot', known))).toEqual([]);
  });

  it('finds one that leaves too early, or is too high, whatever order the harness tells it in', () => {
    const known = { persisted: [persisted(9, 2048n), persisted(1, 1024n)] };
    expect(broken(history('p: boot', { ...known, onWire: [onWire(9, 5n), onWire(8, 1025n)] }))).toEqual(['E24']);
    expect(broken(history('p: boot', { ...known, onWire: [onWire(9, 2049n)] }))).toEqual(['E24']);
    expect(broken(history('p: boot', { ...known, onWire: [onWire(0, 1n)] }))).toEqual(['E24']);
  });

  it('keeps nodes apart', () => {
    const known = { persisted: [persisted(1, 1024n, 2)], onWire: [onWire(2, 8n)] };
    expect(broken(history('p: boot', known))).toEqual(['E24']);
  });

  it('does not forget by a lower write', () => {
    const known = { persisted: [persisted(1, 1024n), persisted(2, 8n)], onWire: [onWire(3, 1000n)] };
    expect(broken(history('p: boot', known))).toEqual([]);
  });

  it('expects nothing of a node whose disk was set back', () => {
    const known = { persisted: [], onWire: [onWire(2, 8n)] };
    expect(broken(history('p: boot', { ...known, forgetful: [node] }))).toEqual([]);
  });

  it('finds an incarnation that does not rise', () => {
    const text = `
      p': boot 20
      p': crash
      p: boot 30`;
    expect(broken(history(text))).toContain('E24');
  });
});
