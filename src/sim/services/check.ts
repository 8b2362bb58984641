/** What services promise, over the hosts of all processes of a run. */
import type { Member } from '../../totem/boundary.js';
import type { ServiceHost } from './host.js';

export interface HostRecord {
  readonly process: Member;
  readonly host: ServiceHost;
  /** It runs at the end of the run. */
  readonly isAlive: boolean;
  /** The calm was long enough for everything to come to an end. */
  readonly hasSettled: boolean;
}

export interface ServiceError {
  readonly process: Member;
  readonly text: string;
}

export function checkServices(records: readonly HostRecord[]): ServiceError[] {
  return [
    ...problems(records),
    ...orders(records),
    ...states(records),
    ...losses(records),
    ...reads(records),
    ...endings(records),
  ];
}

function* problems(records: readonly HostRecord[]): Generator<ServiceError> {
  for (const { process, host } of records) for (const text of host.problems) yield { process, text };
}

/** At one position all apply the same, and positions grow. */
function* orders(records: readonly HostRecord[]): Generator<ServiceError> {
  const keys = new Map<bigint, string>();
  for (const { process, host } of records) {
    let last = -1n;
    for (const { position, key } of host.register.applied) {
      const first = keys.get(position) ?? key;
      keys.set(position, first);
      if (first !== key) yield { process, text: `${key} is applied at ${position}, where another applies ${first}` };
      if (position <= last) yield { process, text: `${key} is applied at ${position}, after ${last}` };
      last = position;
    }
  }
}

/** Who is together in the end has one state, and is synchronised. */
function* states(records: readonly HostRecord[]): Generator<ServiceError> {
  const states = new Map<string, string>();
  for (const { process, host, isAlive, hasSettled } of records) {
    if (!isAlive || !hasSettled) continue;
    if (!host.manager.isSynchronized) yield { process, text: 'is not synchronised in the end' };
    const id = host.messaging.regular?.id ?? '';
    const state = states.get(id) ?? host.register.text;
    states.set(id, state);
    if (state !== host.register.text) yield { process, text: `has another state than others of configuration ${id}` };
  }
}

/** A safe change that was acknowledged is there as long as the node that acknowledged it lives: merges keep all keys. */
function* losses(records: readonly HostRecord[]): Generator<ServiceError> {
  for (const { process, host, isAlive, hasSettled } of records) {
    if (!isAlive || !hasSettled) continue;
    for (const { key, isSafe, isRead, answer } of host.asked) {
      const isAcknowledged = !isRead && isSafe && answer?.code === 'SA_AIS_OK';
      if (isAcknowledged && !host.register.has(key)) yield { process, text: `the acknowledged change ${key} is lost` };
    }
  }
}

/** A read sees what was acknowledged before it. */
function* reads(records: readonly HostRecord[]): Generator<ServiceError> {
  for (const { process, host } of records) {
    for (const { key, isThere, answer } of host.asked)
      if (isThere && answer !== undefined && answer.code !== 'SA_AIS_OK')
        yield { process, text: `a read of ${key}, which was acknowledged, is answered ${answer.code}` };
  }
}

function* endings(records: readonly HostRecord[]): Generator<ServiceError> {
  for (const { process, host, isAlive, hasSettled } of records) {
    if (!isAlive || !hasSettled) continue;
    const open = host.asked.filter(({ answer }) => answer === undefined);
    if (open.length > 0) yield { process, text: `${open.length} of ${host.asked.length} requests are not answered` };
  }
}
