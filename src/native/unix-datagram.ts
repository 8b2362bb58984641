/** Datagrams to Unix sockets, which Node cannot send. */
import { loadAddon } from './load.js';

interface Exports {
  sendUnixDatagram(address: string, bytes: Uint8Array): void;
}

/**
 * To a path, or with '@' in front to an abstract name. Never waits. At most 4096 bytes.
 * @throws {Error} SA_AIS_ERR_LIBRARY: nobody is there, or has room. {TypeError} A wrong argument.
 */
export function sendUnixDatagram(address: string, bytes: Uint8Array): void {
  loadAddon<Exports>().sendUnixDatagram(address, bytes);
}
