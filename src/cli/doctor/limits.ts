/** What the system lets the ring have: receive buffers and priority. A running executive knows; else this user's limits tell. */
import type { ResolvedConfig } from '../../config/index.js';
import type { Status } from '../../observe/status.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import { CAPABILITIES, hasCapability, limitOf, type Machine, numberIn } from './machine.js';

const RMEM_MAX = '/proc/sys/net/core/rmem_max';
/** Bytes that the ring asks for (native/io/bounds.hpp). */
const WANTED = 16 * 1024 * 1024;
/** Packets a rotation beyond which a larger buffer gains nothing; half of the buffer is for them. */
const LARGEST_WINDOW = 256;

/** Bytes of memory that the ring's thread uses, about: what has to be locked. */
const LOCKED_BYTES = 64 * 1024 * 1024;

export function examineBuffers(config: ResolvedConfig, status: Status | undefined, machine: Machine): Finding {
  const check = 'receive buffer';
  const granted = status?.links?.[0]?.receiveBuffer;
  const allowed = hasCapability(machine, CAPABILITIES.netAdmin) ? WANTED : numberIn(machine, RMEM_MAX);
  const bytes = granted ?? Math.min(WANTED, allowed ?? WANTED);
  const wanted = Math.min(config.window.size ?? LARGEST_WINDOW, LARGEST_WINDOW);
  const window = Math.floor(bytes / (2 * config.datagramBytes));
  const whose = granted === undefined ? 'the ring would have' : 'the ring has';
  if (window >= wanted) return ok(check, `${whose} ${bytes} bytes, enough for ${wanted} packets a rotation`);
  const mend = `sysctl -w net.core.rmem_max=${WANTED}, and the same in /etc/sysctl.d/; then start aisexec again`;
  return warning(check, `${whose} ${bytes} bytes: ${window} packets a rotation, not ${wanted}`, mend);
}

export function examinePriority({ realtime }: ResolvedConfig, status: Status | undefined, machine: Machine): Finding {
  const check = 'priority';
  const isNicer = hasCapability(machine, CAPABILITIES.sysNice);
  const may = isNicer || limitOf(machine, 'Max realtime priority') > 0;
  const scheduling = status?.thread?.scheduling;
  if (realtime) {
    const isGranted = scheduling === undefined ? may : scheduling === 'realTime';
    if (isGranted) return ok(check, 'real time is asked for, and permitted');
    const mend = 'AmbientCapabilities=CAP_SYS_NICE in the unit of aisexec, or LimitRTPRIO=20';
    return wrong(check, 'totem.realtime is set, and real time is not permitted', mend);
  }
  // The thread goes five steps ahead of others: 20 less the niceness is the limit that it needs.
  const isAhead =
    scheduling === undefined ? isNicer || limitOf(machine, 'Max nice priority') >= 25 : scheduling !== 'plain';
  if (isAhead) return ok(check, 'the ring may go ahead of busy applications');
  const mend = 'AmbientCapabilities=CAP_SYS_NICE in the unit of aisexec, or LimitNICE=-5';
  return warning(check, 'the ring may not go ahead of busy applications: it can lose the token under load', mend);
}

/** Of interest with real time alone: who asked for that wants no page faults. */
export function examineMemory({ realtime }: ResolvedConfig, status: Status | undefined, machine: Machine): Finding[] {
  if (!realtime) return [];
  const check = 'memory';
  const may = hasCapability(machine, CAPABILITIES.ipcLock) || limitOf(machine, 'Max locked memory') >= LOCKED_BYTES;
  if (status?.thread?.memoryLocked ?? may) return [ok(check, 'the memory of the ring may stay in core')];
  const mend = 'LimitMEMLOCK=infinity in the unit of aisexec, or AmbientCapabilities=CAP_IPC_LOCK';
  return [warning(check, 'the memory of the ring may be swapped out', mend)];
}
