/** The running executive: whether it answers, who is missing, and what the ring complains of. */
import { AisError } from '../../ais-error.js';
import { fetchStatus } from '../../ipc/status.js';
import type { RingCounters, Status } from '../../observe/status.js';
import { type Finding, ok, warning, wrong } from './finding.js';

export interface Answered {
  readonly status: Status | undefined;
  readonly finding: Finding;
}

/** `isExpected`: not before its first start. */
export async function askStatus(socket: string, isExpected: boolean): Promise<Answered> {
  const check = 'executive';
  try {
    const status = await fetchStatus(socket);
    const finding = ok(check, `node ${status.nodeId} answers at ${socket}: ${status.state}`);
    return { status, finding };
  } catch (error) {
    if (!AisError.is(error)) throw error;
    if (error.code !== 'SA_AIS_ERR_UNAVAILABLE') {
      return { status: undefined, finding: wrong(check, error.message, mends[error.code] ?? 'see the log of aisexec') };
    }
    if (!isExpected) return { status: undefined, finding: ok(check, `none runs at ${socket} yet`) };
    const mend = 'start aisexec, or name its socket with --socket; before its first start: --before-start';
    return { status: undefined, finding: wrong(check, `none runs at ${socket}`, mend) };
  }
}

const mends: Readonly<Record<string, string>> = {
  SA_AIS_ERR_ACCESS: 'run ais as root or as the user of the executive',
  SA_AIS_ERR_SECURITY: 'run ais as root, or admit this user: ipc { group } or uidgid',
  SA_AIS_ERR_TIMEOUT: 'it is stuck or starved: look at top and at its log, and start it again',
};

export function examineStatus(status: Status): Finding[] {
  return [examineMembership(status), ...examineNodes(status), ...examineRing(status)];
}

function examineMembership({ synchronized, primary, configuration, quorum }: Status): Finding {
  const check = 'membership';
  const { length } = configuration.members;
  const members = length === 1 ? 'one member' : `${length} members`;
  if (!primary) {
    const votes = quorum === undefined ? '' : `: ${quorum.votes} votes, ${quorum.needed} needed`;
    return wrong(check, `this is not the primary component${votes}; services wait`, 'bring back the missing nodes');
  }
  if (!synchronized) return warning(check, 'services synchronise', 'wait a moment, and look again');
  return ok(check, `${members}, synchronized, primary`);
}

function examineNodes({ nodes = [] }: Status): Finding[] {
  const missing = nodes.filter(({ member }) => !member);
  if (missing.length === 0) return [];
  const names = missing.map(({ nodeId, address }) => (address === undefined ? nodeId : `${nodeId} (${address})`));
  const mend = 'look at them with ais doctor: is aisexec running, key and cluster_name the same, no firewall between?';
  return [warning('missing nodes', names.join(', '), mend)];
}

/** Retransmissions in a thousand packets that are no news. */
const RETRANSMITTED_MAX = 10;

function examineRing({ ring, io }: Status): Finding[] {
  const findings: Finding[] = [];
  if (io !== undefined && io.receiveOverflows > 0) {
    const what = `${io.receiveOverflows} datagrams found the receive buffer full`;
    findings.push(warning('lost datagrams', what, 'raise net.core.rmem_max, or lower totem.window_size'));
  }
  if (ring === undefined) return findings;
  if (ring.dataRetransmitted * 1000 > ring.packetsSent * RETRANSMITTED_MAX) {
    const what = `${ring.dataRetransmitted} of ${ring.packetsSent} packets were sent again`;
    findings.push(warning('retransmissions', what, 'look for errors on the interfaces (ip -s link) and in the switch'));
  }
  return [...findings, ...examineDropped(ring)];
}

function examineDropped({ dropped }: RingCounters): Finding[] {
  return Object.entries(dropMends).flatMap(([reason, { what, mend }]) => {
    const packets = dropped[reason] ?? 0;
    return packets === 0 ? [] : [warning('foreign packets', `${packets} packets ${what}`, mend)];
  });
}

/** Reasons that an operator can do something about. */
const dropMends: Readonly<Record<string, { readonly what: string; readonly mend: string }>> = {
  notAuthentic: {
    what: 'were not sealed with the key of this cluster',
    mend: 'copy the same key to all nodes, or give each cluster its own mcastaddr or mcastport',
  },
  foreignCluster: {
    what: 'are of another cluster',
    mend: 'give each cluster its own mcastaddr or mcastport',
  },
  version: {
    what: 'are of another version of the protocol',
    mend: 'bring all nodes to one version of openais',
  },
};
