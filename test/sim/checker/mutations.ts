/**
 * One change to a legal history that makes it illegal for certain, with the predicates of which at least one has to
 * notice.
 */

import type {
  History,
  Predicate,
  ProcessTrace,
  TraceConfiguration,
  TraceEvent,
} from '../../../src/sim/checker/index.js';
import type { RingId } from '../../../src/totem/boundary.js';
import type { Draw } from './model.js';

export interface Mutation {
  readonly predicates: readonly Predicate[];
  /** Where it can be done: index of an event of that trace. */
  fits(event: TraceEvent, at: number, trace: ProcessTrace, whole: History): boolean;
  /** What replaces the event. */
  change(event: TraceEvent, at: number, trace: ProcessTrace): readonly TraceEvent[];
  /** The event after it is replaced as well, by nothing: `change` has put it where it belongs. */
  readonly takesNext?: boolean;
}

/** Does the mutation at a random place where it fits; undefined if there is none. */
export function mutate(whole: History, { fits, change, takesNext }: Mutation, draw: Draw): History | undefined {
  const places = whole.traces.flatMap((trace) =>
    trace.events.flatMap((event, at) => (fits(event, at, trace, whole) ? [{ trace, at }] : [])),
  );
  const place = places[draw(places.length)];
  if (place === undefined) return undefined;
  const traces = whole.traces.map((trace) => {
    if (trace !== place.trace) return trace;
    const events = trace.events.toSpliced(
      place.at,
      takesNext ? 2 : 1,
      ...change(trace.events[place.at]!, place.at, trace),
    );
    return { ...trace, events };
  });
  return { ...whole, traces };
}

const isDelivery = (event: TraceEvent | undefined) => event?.kind === 'deliver';
const isConfiguration = (event: TraceEvent | undefined): event is TraceConfiguration => event?.kind === 'configuration';
const keyOf = ({ representative, nonce, seq }: RingId) => `${representative} ${nonce} ${seq}`;

function configurationBefore({ events }: ProcessTrace, at: number): TraceConfiguration {
  return events.slice(0, at).findLast(isConfiguration)!;
}

function configurationAfter({ events }: ProcessTrace, at: number): TraceConfiguration | undefined {
  return events.slice(at + 1).find(isConfiguration);
}

/** Others who go the same way to that transitional configuration. */
function hasCompanion(trace: ProcessTrace, transitional: TraceConfiguration | undefined, whole: History): boolean {
  if (transitional?.configuration !== 'transitional') return false;
  return whole.traces.some((other) => other !== trace && other.events.some((event) => isSame(event, transitional)));
}

function isSame(event: TraceEvent, other: TraceConfiguration): boolean {
  if (!isConfiguration(event) || event.configuration !== other.configuration) return false;
  const sameParent = other.configuration === 'regular' || keyOf(event.old) === keyOf(other.old);
  return sameParent && keyOf(event.ring) === keyOf(other.ring);
}

function isShared(event: TraceConfiguration, trace: ProcessTrace, whole: History): boolean {
  return whole.traces.some((other) => other !== trace && other.events.some((one) => isSame(one, event)));
}

export const mutations: Readonly<Record<string, Mutation>> = {
  'a delivery twice': {
    predicates: ['E3'],
    fits: isDelivery,
    change: (event) => [event, event],
  },
  'a delivery of other bytes': {
    predicates: ['E2'],
    fits: isDelivery,
    change: (event) => [{ ...event, hash: 1n } as TraceEvent],
  },
  'a delivery before its send': {
    predicates: ['E2'],
    fits: (event, at, { events }) => event.kind === 'deliver' && events[at - 1]!.time < event.time,
    change: (event) => [{ ...event, time: -1 }],
  },
  'a delivery left out in a regular configuration, others following': {
    predicates: ['E12', 'E16'],
    fits: (event, at, trace) =>
      isDelivery(event) &&
      isDelivery(trace.events[at + 1]) &&
      configurationBefore(trace, at).configuration === 'regular',
    change: () => [],
  },
  'the last delivery of a configuration left out by one of several who go together': {
    predicates: ['E9'],
    fits: (event, at, trace, whole) =>
      isDelivery(event) &&
      !isDelivery(trace.events[at + 1]) &&
      hasCompanion(trace, configurationAfter(trace, at), whole),
    change: () => [],
  },
  'a delivery moved from the regular to the transitional configuration by one of several': {
    predicates: ['E9'],
    fits: (event, at, trace, whole) => {
      const next = trace.events[at + 1];
      return isDelivery(event) && isConfiguration(next) && hasCompanion(trace, next, whole);
    },
    change: (event, at, { events }) => [events[at + 1]!, event],
    takesNext: true,
  },
  'its own message left out by a process that goes on': {
    predicates: ['E8'],
    fits: (event, at, trace) => {
      if (event.kind !== 'deliver' || event.origin !== trace.process.node) return false;
      const later = trace.events.slice(at).filter(isConfiguration);
      return later.some(({ configuration }) => configuration === 'regular');
    },
    change: () => [],
  },
  'two deliveries swapped': {
    predicates: ['E13'],
    fits: (event, at, { events }) => isDelivery(event) && isDelivery(events[at + 1]),
    change: (event, at, { events }) => [
      { ...events[at + 1]!, time: event.time },
      { ...event, time: events[at + 1]!.time },
    ],
    takesNext: true,
  },
  'a send that is not there': {
    predicates: ['E2'],
    fits: (event, _at, _trace, { traces }) =>
      event.kind === 'send' &&
      traces.some(({ events }) => events.some((one) => one.kind === 'deliver' && one.label === event.label)),
    change: () => [],
  },
  'a send twice': {
    predicates: ['E3'],
    fits: (event) => event.kind === 'send',
    change: (event) => [event, event],
  },
  'a member left out by one of several': {
    predicates: ['E6', 'E7'],
    fits: (event, _at, trace, whole) => isConfiguration(event) && isShared(event, trace, whole),
    change: (event) => [{ ...event, members: (event as TraceConfiguration).members.slice(1) } as TraceEvent],
  },
  'another incarnation of a member for one of several': {
    predicates: ['E6', 'E7'],
    fits: (event, _at, trace, whole) => isConfiguration(event) && isShared(event, trace, whole),
    change: (event) => {
      const [first, ...rest] = (event as TraceConfiguration).members;
      const restarted = { node: first!.node, incarnation: first!.incarnation + 100n };
      return [{ ...event, members: [restarted, ...rest] } as TraceEvent];
    },
  },
  'a transitional configuration left out': {
    predicates: ['E7'],
    fits: (event, at, { events }) =>
      isConfiguration(event) && event.configuration === 'transitional' && events.slice(at + 1).some(isConfiguration),
    change: () => [],
  },
  'a regular configuration again': {
    predicates: ['E6'],
    fits: (event) => isConfiguration(event) && event.configuration === 'regular',
    change: (event) => [event, event],
  },
  'no Gather before a change': {
    predicates: ['E23'],
    fits: (event, at, { events }) => event.kind === 'freeze' && events.slice(at).some(isConfiguration),
    change: () => [],
  },
};
