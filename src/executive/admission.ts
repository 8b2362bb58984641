/** Who may connect: root, the user of the executive, the configured group, and who is named by a uidgid entry. */
import { readFile } from 'node:fs/promises';
import { type AisError, aisError } from '../ais-error.js';
import type { ResolvedConfig } from '../config/index.js';
import { type PeerCredentials, peerCredentials } from '../native/peer-credentials.js';

const GROUPS_FILE = '/etc/group';

/** An entry admits the user and the group that it names, each alone: so files of openais and corosync mean here what they mean there. */
export interface AdmittedEntry {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** The entries of a configuration; what cannot be used is told to `warn`. */
export async function admitted(
  { group, allowed }: ResolvedConfig['ipc'],
  warn: (what: string) => void,
  groupsFile = GROUPS_FILE,
): Promise<readonly AdmittedEntry[]> {
  if (group === undefined) return allowed;
  const gid = await groupId(group, groupsFile);
  if (gid !== undefined) return [...allowed, { uid: undefined, gid }];
  warn(`ipc.group: there is no group '${group}' in ${groupsFile}; it admits nobody`);
  return allowed;
}

/** By name or number. Groups of a directory service go by their number. */
async function groupId(group: string, file: string): Promise<number | undefined> {
  if (/^\d+$/.test(group)) return Number(group);
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([name]) => name === group);
  const id = Number(fields?.[2] ?? Number.NaN);
  return Number.isInteger(id) ? id : undefined;
}

/** Of the process at the other end of a socket: why it is not admitted. */
export type Admission = (fd: number) => AisError | undefined;

/** Asks the kernel whether who is at the other end of a socket may control the executive: root, and the executive's own user. */
export function isOperator(fd: number, ask: (fd: number) => PeerCredentials = peerCredentials): boolean {
  try {
    const { uid } = ask(fd);
    return uid === 0 || uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** Asks the kernel who is at the other end of a socket, and refuses who is not among `entries`. */
export function admission(
  entries: readonly AdmittedEntry[],
  ask: (fd: number) => PeerCredentials = peerCredentials,
): Admission {
  const own = process.getuid?.();
  return (fd) => {
    let peer: PeerCredentials;
    try {
      peer = ask(fd);
    } catch (cause) {
      return aisError('SA_AIS_ERR_SECURITY', 'ipc.admission', 'the kernel does not say who the client is', { cause });
    }
    if (peer.uid === 0 || peer.uid === own || entries.some((entry) => isNamed(entry, peer))) return undefined;
    const what = `process ${peer.pid} of user ${peer.uid} and group ${peer.gid} may not connect`;
    return aisError('SA_AIS_ERR_SECURITY', 'ipc.admission', what, { hint: 'see ipc { group } and uidgid' });
  };
}

function isNamed({ uid, gid }: AdmittedEntry, peer: PeerCredentials): boolean {
  return uid === peer.uid || gid === peer.gid;
}
