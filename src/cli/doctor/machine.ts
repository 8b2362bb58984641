/** What the doctor asks of the machine; tests give their own. */
import { readFileSync } from 'node:fs';

export interface Machine {
  /** The text of a file of /proc, /sys or a state directory; undefined: it is not there, or not for this user. */
  read(path: string): string | undefined;
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const thisMachine: Machine = {
  read(path) {
    try {
      return readFileSync(path, 'latin1').trim();
    } catch {
      return undefined;
    }
  },
  now: () => Date.now(),
};

/** Bits of the effective capabilities, as linux/capability.h numbers them. */
export const CAPABILITIES = { netAdmin: 12, ipcLock: 14, sysNice: 23 } as const;

export function hasCapability(machine: Machine, bit: number): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(machine.read('/proc/self/status') ?? '') ?? [];
  return ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n;
}

/** The soft limit of this process by its name in /proc/self/limits; Infinity: unlimited. */
export function limitOf(machine: Machine, name: string): number {
  const line = (machine.read('/proc/self/limits') ?? '').split('\n').find((text) => text.startsWith(name));
  const [soft = '0'] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** A number in a file; undefined: none is there. */
export function numberIn(machine: Machine, path: string): number | undefined {
  const value = Number(machine.read(path) || Number.NaN);
  return Number.isInteger(value) ? value : undefined;
}
