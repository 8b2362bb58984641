import { describe, expect, it } from 'vitest';
import type { History, ProcessTrace } from '../../../src/sim/checker/index.js';
import { broken, history } from './notation.js';

/** Every deposit of 12 is split by the members of the configuration in which it is delivered (scenario S44). */
const DEPOSIT = 12;
const FIRST_BALANCE = 100;

/** What each branch has in each account, as the process sees it at the end of its trace. */
function balances({ process, events }: ProcessTrace): Record<number, number> {
  let branches: readonly number[] = [process.node];
  const accounts: Record<number, number> = {};
  for (const event of events) {
    if (event.kind === 'configuration') branches = event.members.map(({ node }) => node);
    if (event.kind !== 'deliver') continue;
    for (const branch of branches) accounts[branch] = (accounts[branch] ?? FIRST_BALANCE) + DEPOSIT / branches.length;
  }
  return accounts;
}

const balancesOf = (whole: History, ...nodes: number[]) =>
  whole.traces.filter(({ process }) => nodes.includes(process.node)).map(balances);

const [p, q, r, s] = [16, 17, 18, 19];
/** Four branches; s is cut off while a deposit is on its way. */
const beginning = `
  p q r s: boot
  p q r s: join 5
  p: send x
  p q r s: deliver x
  p: send y
  q: deliver y
  p q r s: freeze`;
const end = `
  p q r: regular 8 {p q r}
  s: transitional 9 {s}
  s: regular 9 {s}`;

describe('the bank', () => {
  it('agrees among all who go together when the deposit is one of the four', () => {
    const whole = history(`${beginning}
      p r: deliver y
      p q r: transitional 8 {p q r}${end}`);
    expect(broken(whole)).toEqual([]);
    const [first, ...others] = balancesOf(whole, p!, q!, r!);
    expect(first).toEqual({ [p!]: 106, [q!]: 106, [r!]: 106, [s!]: 106 });
    for (const other of others) expect(other).toEqual(first);
  });

  it('agrees as well when the deposit is one of the three', () => {
    const whole = history(`${beginning.replace('q: deliver y', '')}
      p q r: transitional 8 {p q r}
      p q r: deliver y${end}`);
    expect(broken(whole)).toEqual([]);
    const [first, ...others] = balancesOf(whole, p!, q!, r!);
    expect(first).toEqual({ [p!]: 107, [q!]: 107, [r!]: 107, [s!]: 103 });
    for (const other of others) expect(other).toEqual(first);
  });

  it('loses money when one divides by four and the others by three, and E9 says so', () => {
    const whole = history(`${beginning}
      p q r: transitional 8 {p q r}
      p r: deliver y${end}`);
    const [first, second] = balancesOf(whole, p!, q!);
    expect(first).not.toEqual(second);
    expect(broken(whole)).toContain('E9');
  });
});
