/** Who is at the other end of a Unix socket. */
import { loadAddon } from './load.js';

/** Of the process that connected, as they were then. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

interface Exports {
  peerCredentials(fd: number): PeerCredentials;
}

/**
 * The kernel's word, not the client's.
 * @throws {Error} SA_AIS_ERR_LIBRARY: this is no socket. {TypeError} No file descriptor.
 */
export function peerCredentials(fd: number): PeerCredentials {
  return loadAddon<Exports>().peerCredentials(fd);
}
