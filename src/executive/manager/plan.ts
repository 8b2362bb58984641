/**
 * How a configuration gets its state, as a function of what its members said of themselves: every member comes to the same plan
 * (totem 6.3). Members of equal lineage are one component: they have delivered the same messages.
 *
 * Without quorum, a component that ever changed a service's state brings it along. If there is one such component, all others are
 * joiners of it; if there are several, and they differ, the state is merged. With quorum, the component that was primary last has the
 * only state that counts.
 */
import type { ServiceConfiguration } from '../service.js';
import type { Hello, ServiceHello } from './hello.js';

/** Members that have the same state. */
export interface Part {
  /** Ascending; the first is the one that sends the state. */
  readonly members: readonly number[];
  readonly oldMembers: readonly number[];
  readonly history: readonly string[];
  readonly lastPrimaryView: number;
  readonly founder: string;
  /** Of what goes back to the same founder it is the same. */
  readonly age: number;
  readonly services: ReadonlyMap<number, ServiceHello>;
}

/** What is sent of one service: the state of each of these parts, in order of precedence. None: nobody needs anything. */
export interface Transfer {
  readonly service: number;
  readonly parts: readonly Part[];
  readonly isMerge: boolean;
}

export interface Plan {
  /** In order of precedence. */
  readonly parts: readonly Part[];
  readonly transfers: readonly Transfer[];
  /** Nothing is ordered before the whole of it is done. */
  readonly isBlocking: boolean;
  /** Nodes that have to receive something. */
  readonly receivers: ReadonlySet<number>;
  /** The latest of the members' times. */
  readonly time: number;
  /** Of all parts, the first in precedence. */
  readonly first: Part;
  /** By service: from whose point of view members left and joined. */
  readonly base: (service: number) => Part;
  /** By service: members who had this very state before, whoever they were with. */
  readonly cameAlong: (service: number) => readonly number[];
}

/** `hellos`: of all members, by node. */
export function makePlan(hellos: ReadonlyMap<number, Hello>, hasQuorum: boolean): Plan {
  const members = [...hellos.keys()].sort((a, b) => a - b);
  const parts = partsOf(members, hellos, hasQuorum);
  const numbers = new Set([...hellos.values()].flatMap(({ services }) => services.map(({ number }) => number)));
  const transfers: Transfer[] = [];
  const bases = new Map<number, Part>();
  for (const service of [...numbers].sort((a, b) => a - b)) {
    const full = hasQuorum ? parts.slice(0, 1) : parts.filter((part) => isFull(part, service));
    bases.set(service, full[0] ?? parts[0]!);
    const transfer = transferOf(service, parts, full);
    if (transfer !== undefined) transfers.push(transfer);
  }
  const isBlocking = transfers.some(({ isMerge }) => isMerge);
  const receivers = members.filter(
    (member) => isBlocking || transfers.some((transfer) => !transfer.parts[0]!.members.includes(member)),
  );
  return {
    parts,
    transfers,
    isBlocking,
    receivers: new Set(receivers),
    time: Math.max(...[...hellos.values()].map(({ time }) => time)),
    first: parts[0]!,
    base: (service) => bases.get(service) ?? parts[0]!,
    cameAlong: (service) => {
      const base = bases.get(service) ?? parts[0]!;
      const digest = digestOf(base, service);
      const equal = parts.filter(
        (part) => part === base || (isFull(base, service) && digestOf(part, service) === digest),
      );
      return equal.flatMap((part) => part.members);
    },
  };
}

/** As one service sees the configuration. */
export function serviceConfiguration(
  { base, cameAlong }: Plan,
  service: number,
  hellos: ReadonlyMap<number, Hello>,
  about: Pick<ServiceConfiguration, 'id' | 'viewNumber' | 'members' | 'time'>,
): ServiceConfiguration {
  const part = base(service);
  const greetings = new Map<number, Buffer>();
  for (const [node, hello] of hellos) {
    const found = hello.services.find(({ number }) => number === service);
    if (found !== undefined) greetings.set(node, found.greeting);
  }
  const along = cameAlong(service);
  const isStranger = (node: number) => !along.includes(node);
  const left = part.oldMembers.filter(isStranger);
  return { ...about, left, joined: about.members.filter(isStranger), greetings };
}

/** For the log: who had what before, in order of precedence, and whose state each service that differed goes on with. */
export function origin({ parts, transfers }: Plan): object {
  const taken = transfers.map((transfer) => ({
    service: transfer.service,
    from: transfer.parts.map(({ members }) => members),
  }));
  return { parts: parts.map(({ members }) => members), taken };
}

/**
 * In order of precedence: what was primary last, then what is there for longest, then most members, then the lowest node. Parts of one
 * cluster go back to one founder; what a node made that started again, and was alone before it found the others, does not come before
 * what they have.
 */
function partsOf(members: readonly number[], hellos: ReadonlyMap<number, Hello>, hasQuorum: boolean): Part[] {
  const byLineage = new Map<string, number[]>();
  for (const member of members) {
    const { lineage } = hellos.get(member)!;
    byLineage.set(lineage, [...(byLineage.get(lineage) ?? []), member]);
  }
  const ages = new Map<string, number>();
  for (const { founder, age } of hellos.values()) ages.set(founder, Math.max(age, ages.get(founder) ?? 0));
  const parts = [...byLineage.values()].map((together): Part => {
    const { oldMembers, history, lastPrimaryView, founder, services } = hellos.get(together[0]!)!;
    const age = ages.get(founder)!;
    const byNumber = new Map(services.map((service) => [service.number, service]));
    return { members: together, oldMembers, history, lastPrimaryView, founder, age, services: byNumber };
  });
  const rank = (part: Part) => (hasQuorum ? part.lastPrimaryView : 0);
  return parts.sort(
    (a, b) =>
      rank(b) - rank(a) || b.age - a.age || b.members.length - a.members.length || a.members[0]! - b.members[0]!,
  );
}

function isFull(part: Part, service: number): boolean {
  const hello = part.services.get(service);
  return hello !== undefined && hello.digest.length > 0 && !hello.isBlank;
}

function transferOf(service: number, parts: readonly Part[], full: readonly Part[]): Transfer | undefined {
  const [first] = full;
  if (first === undefined || digestOf(first, service) === '') return undefined;
  if (parts.every((part) => digestOf(part, service) === digestOf(first, service))) return undefined;
  return { service, parts: full, isMerge: full.length > 1 };
}

/** Empty: the service has no replicated state there. */
function digestOf(part: Part, service: number): string {
  return part.services.get(service)?.digest.toString('latin1') ?? '';
}
