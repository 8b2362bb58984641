import { describe, expect, it } from 'vitest';
import { type Calm, check, type History, type Timing } from '../../../src/sim/checker/index.js';
import { broken, edit, history, MILLISECOND, member } from './notation.js';

/** A bound of 30 ms for any component: lines are milliseconds. */
const timing: Timing = {
  token: 2 * MILLISECOND,
  consensus: 3 * MILLISECOND,
  merge: 2 * MILLISECOND,
  failureToReceive: 4 * MILLISECOND,
  quarantine: 2 * MILLISECOND,
  persistence: 1 * MILLISECOND,
  boundaryDelay: 0,
  rotation: 0,
  recoveryRotations: 0,
  failed: 1,
};
const bound = 4 + 2 + 2 * 2 + 2 + 3 * (3 + 2) + 2 * 2 + 1;
const end = 100 * MILLISECOND;

/** Calm from the 20th millisecond on; each word is a set of processes that all can talk to each other. */
function calm(...cliques: string[]): Calm {
  const names = new Set(cliques.flatMap((clique) => clique.split(' ')));
  const processes = [...names].map((name) => ({
    process: member(name),
    reaches: cliques
      .filter((clique) => clique.split(' ').includes(name))
      .flatMap((clique) => clique.split(' ').map(nodeOf)),
  }));
  return { from: 20 * MILLISECOND, until: end, processes };
}

const nodeOf = (name: string) => member(name).node;
const calmHistory = (text: string, ...cliques: string[]): History =>
  history(text, { timing, end, calm: [calm(...cliques)] });

const together = `
  p q r: boot
  p q r: join 5`;

describe('E17, agreement in a bounded time', () => {
  it('accepts one configuration for each component', () => {
    expect(broken(calmHistory(together, 'p q r'))).toEqual([]);
    const text = `${together}
      p q: join 8
      r: join 9`;
    expect(broken(calmHistory(text, 'p q', 'r'))).toEqual([]);
  });

  it('accepts a process that is not there any more', () => {
    const text = `${together}
      r: crash
      p q: join 8`;
    expect(broken(calmHistory(text, 'p q'))).toEqual([]);
  });

  it('waits for the bound, and no longer', () => {
    const late = history(`${together}\n${'p: freeze\n'.repeat(17 + bound)}p q r: join 8`, { timing, end });
    expect(broken({ ...late, calm: [calm('p q r')] })).toEqual([]);
    const later = history(`${together}\n${'p: freeze\n'.repeat(18 + bound)}p q r: join 8`, { timing, end });
    expect(broken({ ...later, calm: [calm('p q r')] })).toEqual(['E18']);
    // The harness says how many ids may be dead; without it all processes that are not there count.
    const longer = history(`${together}\ns: boot\ns: crash\n${'p: freeze\n'.repeat(20 + bound)}p q r: join 8`, {
      timing,
      end,
    });
    expect(broken({ ...longer, calm: [calm('p q r')], timing: { ...timing, failed: 4 } })).toEqual([]);
    const { failed, ...counted } = timing;
    expect(failed).toBe(1);
    expect(broken({ ...longer, calm: [calm('p q r')], timing: counted })).toEqual(['E18']);
  });

  it('judges nothing if the calm is shorter than the bound, or the harness has no bounds', () => {
    const { timing: none, ...unbounded } = calmHistory(together, 'p q');
    expect(none).toBe(timing);
    expect(broken(unbounded)).toEqual([]);
    const short = { ...calm('p q'), until: (20 + bound - 1) * MILLISECOND };
    expect(broken(history(together, { timing, end, calm: [short] }))).toEqual([]);
  });

  it('finds processes that do not come together', () => {
    const text = `${together}
      p q: join 8
      r: join 9`;
    expect(broken(calmHistory(text, 'p q r'))).toEqual(['E17']);
  });

  it('finds one that stays with those whom it cannot reach', () => {
    expect(broken(calmHistory(together, 'p q', 'r'))).toContain('E17');
  });

  it('finds one that hangs in its transitional configuration', () => {
    const text = `${together}
      p q r: freeze
      p q: transitional 8 {p q r}
      p q: regular 8 {p q r}
      r: transitional 8 {p q r}`;
    const found = check(calmHistory(text, 'p q r')).filter(({ predicate }) => predicate === 'E17');
    expect(found.map(({ process }) => process.node)).toEqual([nodeOf('r')]);
  });

  it('finds too many configurations on the way', () => {
    const text = `${together}
      ${'p q r: freeze\n'.repeat(20)}
      p q r: join 8
      p q r: join 12`;
    expect(broken(calmHistory(text, 'p q r'))).toEqual([]);
    const limited = { ...calmHistory(text, 'p q r'), timing: { ...timing, configurations: 1 } };
    expect(broken(limited)).toEqual(['E17']);
  });

  it('wants a clique, and a final one, if reachability is not transitive', () => {
    const text = `${together}
      p q: join 8
      r: join 9`;
    expect(broken(calmHistory(text, 'p q', 'q r'))).toEqual([]);
    expect(broken(calmHistory(together, 'p q', 'q r'))).toContain('E17');
    const restless = `${text}\n${'p: freeze\n'.repeat(20 + bound)}p q: join 12`;
    expect(broken(calmHistory(restless, 'p q', 'q r'))).toEqual(['E17']);
  });

  it('refuses a calm with a process of which it has no trace', () => {
    expect(() => check(calmHistory(together, 'p q r s'))).toThrow(TypeError);
  });
});

describe('E4, the last configuration is the last of all its members', () => {
  it('finds a member that crashed, and nobody noticed', () => {
    const text = `${together}
      r: crash`;
    expect(broken(calmHistory(text, 'p q'))).toEqual(expect.arrayContaining(['E4', 'E17']));
  });

  it('finds a member that ended elsewhere, or nowhere', () => {
    const text = `${together}
      r: join 9`;
    expect(broken(calmHistory(text, 'p q', 'r'))).toContain('E4');
    const never = `
      p q: boot
      p: freeze
      p: transitional 5 {p}
      p: regular 5 {p q}`;
    expect(broken(calmHistory(never, 'p q'))).toContain('E4');
  });

  it('says nothing while the calm is not the last', () => {
    const text = `${together}
      r: crash`;
    const early = { ...calm('p q'), until: end - 1 };
    expect(broken(history(text, { timing, end, calm: [early] }))).toEqual(['E17']);
  });
});

describe('E18, configurations are accurate', () => {
  it('finds a member that never ran, or not yet', () => {
    const never = `
      p: boot
      p: freeze
      p: transitional 5 {p}
      p: regular 5 {p q}`;
    expect(broken(history(never))).toEqual(['E18']);
    expect(broken(history(`${never}\nq: boot`))).toEqual(['E18']);
  });

  it('finds processes that are split though nothing happened', () => {
    const text = `${together}
      ${'p: freeze\n'.repeat(20 + bound)}
      p q: join 8
      r: join 9`;
    expect(broken(calmHistory(text, 'p q r'))).toContain('E18');
  });

  it('finds a process that is alone for no reason, if the harness knows all reasons', () => {
    const text = `${together}
      p q: join 8
      r: join 9`;
    const cut = { process: member('r'), from: 2 * MILLISECOND, until: 5 * MILLISECOND, reason: 'cut' };
    expect(broken(history(text))).toEqual([]);
    expect(broken(history(text, { alone: [cut] }))).toEqual([]);
    expect(broken(history(text, { alone: [{ ...cut, until: 3 * MILLISECOND }] }))).toEqual(['E18']);
    expect(broken(history(text, { alone: [{ ...cut, process: member('q') }] }))).toEqual(['E18']);
  });

  it('does not mistake the times of two clocks for a member that did not run', () => {
    const text = `
      p q: boot
      p q: join 5`;
    const whole = edit(history(text), 'q', 0, (event) => [{ ...event, time: 1.5 * MILLISECOND }]);
    const late = edit(whole, 'q', 1, (event) => [{ ...event, time: 1.5 * MILLISECOND }]);
    expect(broken(late)).toEqual([]);
    const later = edit(late, 'q', 0, (event) => [{ ...event, time: 2.5 * MILLISECOND }]);
    expect(broken(later)).toEqual(expect.arrayContaining(['E18']));
    expect(check({ ...later, clockError: MILLISECOND }).map(({ predicate }) => predicate)).not.toContain('E18');
  });
});
