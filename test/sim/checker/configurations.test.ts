import { describe, expect, it } from 'vitest';
import { check, type TraceConfiguration, type TraceEvent } from '../../../src/sim/checker/index.js';
import { broken, edit, history, member } from './notation.js';

const withMembers = (names: string) => (event: TraceEvent) => [
  { ...(event as TraceConfiguration), members: names.split(' ').map(member) },
];

describe('E1, the shape of a trace', () => {
  it('accepts a process that boots alone and crashes in its second ring', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p: deliver a
      p: crash`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a trace that ends right after the start', () => {
    const whole = history('p: boot');
    expect(broken(edit(whole, 'p', 1, () => []))).toEqual([]);
  });

  it('wants the start first', () => {
    expect(broken(edit(history('p: boot'), 'p', 0, () => []))).toContain('E1');
  });

  it('wants the start to name the process', () => {
    const other = edit(history('p: boot'), 'p', 0, (event) => [{ ...event, incarnation: 9n } as TraceEvent]);
    expect(broken(other)).toContain('E1');
  });

  it('wants only one start', () => {
    expect(broken(edit(history('p: boot'), 'p', 0, (event) => [event, event]))).toContain('E1');
    expect(
      broken(edit(history('p: boot'), 'p', 1, (event) => [event, history('p: boot').traces[0]!.events[0]!])),
    ).toContain('E1');
  });

  it('wants the first configuration to be of the process alone', () => {
    const text = `
      p q: boot
      p q: join 5`;
    const whole = history(text);
    const boot = edit(whole, 'p', 1, withMembers('p q'));
    expect(broken(boot)).toContain('E1');
    expect(broken(edit(whole, 'p', 1, () => []))).toContain('E1');
  });

  it('wants a process to be a member of its configurations', () => {
    const text = `
      p q: boot
      p q: freeze
      p: transitional 5 {p}
      p: regular 5 {q r}`;
    expect(broken(history(text))).toContain('E1');
  });

  it('wants no message before the first configuration', () => {
    const text = `
      p: boot
      p: send a`;
    const whole = history(text);
    const { events } = whole.traces[0]!;
    expect(broken(edit(whole, 'p', 0, (start) => [start, events[2]!]))).toContain('E1');
  });

  it('wants messages to name the ring that the process is in', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a`;
    const whole = history(text);
    const elsewhere = edit(whole, 'p', 6, (event) => [
      { ...event, ring: { representative: 16, nonce: 4, seq: 4n } } as TraceEvent,
    ]);
    expect(broken(elsewhere)).toContain('E1');
  });

  it('wants time to go forward and to end with a crash', () => {
    const text = `
      p: boot
      p: crash
      p: send a
      p: deliver a`;
    const late = history(text);
    expect(broken(late)).toEqual(['E1']);
    const back = edit(late, 'p', 2, (event) => [{ ...event, time: 1 }]);
    expect(broken({ ...back, crashes: [] })).toContain('E1');
  });
});

describe('E6, configurations are the same to all', () => {
  it('accepts rings of the same sequence made by different representatives', () => {
    const text = `
      p q: boot
      p: join 5p
      q: join 5q`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds different members under one id', () => {
    const text = `
      p q r: boot
      p q r: join 5`;
    const other = edit(history(text), 'r', 4, withMembers('q r'));
    expect(broken(other)).toContain('E6');
  });

  it('finds another incarnation under one id', () => {
    const text = `
      p q: boot
      p q: join 5`;
    expect(broken(edit(history(text), 'q', 4, withMembers("p' q")))).toContain('E6');
  });

  it('finds a ring sequence that does not rise', () => {
    const text = `
      p q: boot
      p q: join 8
      p q: join 5`;
    expect(broken(history(text))).toContain('E6');
  });

  it('finds a ring that is delivered twice', () => {
    const text = `
      p: boot
      p: join 8
      p: join 8`;
    expect(broken(history(text))).toContain('E6');
  });

  it('finds a restarted node that begins below its old rings', () => {
    const text = `
      p q: boot
      p q: join 8
      p: crash
      p': boot 4`;
    expect(broken(history(text))).toEqual(['E6']);
    expect(broken(history(text, { forgetful: [member('p').node] }))).toEqual([]);
  });

  it('finds a ring sequence that a representative has used before with another nonce', () => {
    const text = `
      p q: boot
      p q: freeze
      q: transitional 8p {q}
      q: regular 8p {p q}
      p: crash
      p': boot 8`;
    const whole = history(text);
    const other = edit(whole, "p'", 1, (event) => {
      const configuration = event as TraceConfiguration;
      return [{ ...configuration, ring: { ...configuration.ring, nonce: 77 } }];
    });
    expect(broken(other)).toEqual(['E6']);
  });

  it('finds a parent that the process was not in', () => {
    const text = `
      p q: boot
      p q: join 5
      p q: join 8`;
    const old = { representative: 16, nonce: 4, seq: 4n };
    const whole = history(text);
    const wrongParent = (event: TraceEvent) => [{ ...(event as TraceConfiguration), old }];
    expect(broken(edit(whole, 'p', 6, wrongParent))).toContain('E6');
    expect(broken(edit(whole, 'p', 7, wrongParent))).toContain('E6');
    expect(broken(edit(whole, 'p', 1, wrongParent))).toContain('E6');
  });
});

describe('E7, who is in a transitional configuration', () => {
  it('accepts a member that crashed before it could install the new ring', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p q r: freeze
      r: crash
      p q: transitional 8 {p q r}
      p q: regular 8 {p q r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a member that failed to install the new ring and went elsewhere', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p q r: freeze
      p q: transitional 8 {p q r}
      p q: regular 8 {p q r}
      r: transitional 12 {r}
      r: regular 12 {r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a restarted node that is new, not a companion', () => {
    const text = `
      p q r: boot
      p q r: join 5
      q: crash
      q': boot 6
      p q' r: join 12`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds the restarted node among the companions, as an intersection of sets would have it', () => {
    const text = `
      p q r: boot
      p q r: join 5
      q: crash
      q': boot 6
      p q' r: freeze
      p r: transitional 12 {p q' r}
      q': transitional 12 {q'}
      p q' r: regular 12 {p q' r}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds a member that had gone on to another ring between', () => {
    const text = `
      p q r: boot
      p q r: join 5
      r: join 8
      p q r: freeze
      p q: transitional 12 {p q r}
      r: transitional 12 {r}
      p q r: regular 12 {p q r}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds a member that never was in the old ring', () => {
    const text = `
      p q r: boot
      p q: join 5
      p q r: freeze
      p q: transitional 8 {p q r}
      r: transitional 8 {r}
      p q r: regular 8 {p q r}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds a member that never delivered the old ring', () => {
    const text = `
      p q: boot
      p q: freeze
      p: transitional 5 {p}
      p: regular 5 {p q}
      p: freeze
      p: transitional 8 {p q}
      p: regular 8 {p q}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds a member that is not in the new ring', () => {
    const text = `
      p q: boot
      p q: join 5
      p q: freeze
      p: transitional 8 {p q}
      p: regular 8 {p}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds one who came the same way and is missing', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p q r: freeze
      p q: transitional 8 {p q}
      r: transitional 8 {r}
      p q r: regular 8 {p q r}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds companions who disagree about their companions', () => {
    const text = `
      p q: boot
      p q: join 5
      p q: freeze
      p: transitional 8 {p q}
      q: transitional 8 {q}
      p q: regular 8 {p q}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds one who came the same way, without a transitional configuration of its own', () => {
    const text = `
      p q: boot
      p q: join 5
      p q: freeze
      p: transitional 8 {p}
      p q: regular 8 {p q}`;
    const found = check(history(text)).map(({ text }) => text);
    expect(found).toContainEqual(expect.stringContaining('17.1 went from ring 5 of 16 to ring 8 of 16 and is not in'));
  });

  it('finds a regular configuration without a transitional one before it', () => {
    const text = `
      p: boot
      p: freeze
      p: regular 5 {p}`;
    expect(broken(history(text))).toEqual(['E7']);
  });

  it('finds two transitional ones in a row', () => {
    const text = `
      p: boot
      p: freeze
      p: transitional 5 {p}
      p: transitional 8 {p}
      p: regular 8 {p}`;
    expect(broken(history(text))).toContain('E7');
  });

  it('finds a transitional one that leads elsewhere', () => {
    const text = `
      p: boot
      p: freeze
      p: transitional 5 {p}
      p: regular 8 {p}`;
    expect(broken(history(text))).toContain('E7');
  });
});
