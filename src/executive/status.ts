/** The status document, from what the parts of an executive say. */
import type { QuorumSettings, ResolvedConfig } from '../config/index.js';
import type { GroupMessaging } from '../gmi/group-messaging.js';
import { EVS_SERVICE } from '../ipc/evs-frames.js';
import type { RingThreadPort } from '../native/ring-thread.js';
import type { NodeStatus, Overview, ServiceStatus, Status } from '../observe/status.js';
import type { ClmService } from '../services/clm/service.js';
import type { EvsService } from '../services/evs/service.js';
import type { Membership, StateName } from '../totem/membership.js';
import { ioCounters, linkStatus, ringCounters, threadStatus } from './counters.js';
import type { ServiceManager } from './manager/manager.js';
import { votesNeeded } from './manager/votes.js';

export interface StatusSources {
  readonly config: ResolvedConfig;
  readonly messaging: GroupMessaging;
  readonly evs: EvsService;
  /** What there is not yet while it starts. */
  readonly clm: ClmService | undefined;
  readonly manager: ServiceManager | undefined;
  readonly membership: Membership | undefined;
  readonly port: RingThreadPort | undefined;
}

/** What costs nothing to tell, however much services hold. */
export function overviewOf({ config, messaging, manager, membership }: StatusSources): Overview {
  const { id = '', members = [] } = messaging.regular ?? {};
  return {
    nodeId: config.nodeId,
    state: stateForStatus(membership?.view.state),
    configuration: { id, members },
    synchronized: manager?.isSynchronized ?? false,
    primary: manager?.isPrimary ?? false,
    clients: manager?.clients ?? 0,
  };
}

/** `services`: what the others than EVS say of themselves. */
export function statusOf(sources: StatusSources, services: readonly ServiceStatus[]): Status {
  const { config, messaging, evs, clm, port } = sources;
  const { rss, heapUsed } = process.memoryUsage();
  const nodes = nodesOf(config, messaging.regular?.members ?? [], clm);
  return {
    ...overviewOf(sources),
    ...(config.quorum && { quorum: quorumOf(config.quorum, nodes) }),
    nodes,
    ...(port && ringStatus(config, port)),
    services: [{ id: 'evs', number: EVS_SERVICE, ...evs.status() }, ...services],
    memory: { resident: rss, heap: heapUsed },
  };
}

function ringStatus(config: ResolvedConfig, port: RingThreadPort) {
  const stats = port.stats();
  return {
    links: linkStatus(config, port.info),
    thread: threadStatus(port.info),
    ring: ringCounters(stats),
    io: ioCounters(stats.io),
  };
}

/** A node without an entry in the node list has one vote, as where votes are counted. */
function nodesOf({ nodes: listed }: ResolvedConfig, members: readonly number[], clm: ClmService | undefined) {
  const ids = new Set([...members, ...listed.map(({ nodeId }) => nodeId)]);
  return [...ids]
    .sort((a, b) => a - b)
    .map((nodeId): NodeStatus => {
      const entry = listed.find((node) => node.nodeId === nodeId);
      const member = members.includes(nodeId);
      const said = member ? clm?.nodes.find((node) => node.nodeId === nodeId) : undefined;
      const name = said?.name ?? entry?.name;
      const address = said?.address ?? entry?.addresses[0];
      return {
        nodeId,
        member,
        votes: entry?.votes ?? 1,
        ...(name !== undefined && { name }),
        ...(address !== undefined && { address }),
        ...(said && { bootTimestamp: said.bootTimestamp }),
      };
    });
}

function quorumOf(settings: QuorumSettings, nodes: readonly NodeStatus[]) {
  const votes = nodes.reduce((sum, { member, votes }) => sum + (member ? votes : 0), 0);
  return { expectedVotes: settings.expectedVotes, votes, needed: votesNeeded(settings) };
}

/** Boot and leave are not for long, and nothing is ordered in them. */
function stateForStatus(state: StateName | undefined): Status['state'] {
  switch (state) {
    case 'operational':
    case 'commit':
    case 'recovery':
      return state;
    default:
      return 'gather';
  }
}
