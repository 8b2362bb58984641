/** What loopback offers: a pair of free ports, and whether multicast works on it. */
import { createSocket, type Socket } from 'node:dgram';

/** Milliseconds that a datagram may take on loopback. */
const PROBE_MS = 500;
const FIRST_PORT = 20_000;
const LAST_PORT = 60_000;

/** A port that is free on all addresses, as the one below it is. */
export async function findPort(addresses: readonly string[]): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST_PORT + 2 * Math.floor((Math.random() * (LAST_PORT - FIRST_PORT)) / 2);
    if (await isFree(addresses, port)) return port;
  }
  throw new Error('no free UDP ports on loopback');
}

async function isFree(addresses: readonly string[], port: number): Promise<boolean> {
  const sockets: Socket[] = [];
  try {
    for (const address of addresses) for (const each of [port, port - 1]) sockets.push(await bind(address, each));
    return true;
  } catch {
    return false;
  } finally {
    for (const socket of sockets) socket.close();
  }
}

function bind(address: string, port: number, reuseAddr = false): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reuseAddr });
    socket.once('error', reject);
    socket.bind(port, address, () => resolve(socket));
  });
}

/** Whether what `from` sends to the group reaches who joined it at `to`. */
export async function canMulticast(from: string, to: string, group: string, port: number): Promise<boolean> {
  const sockets: Socket[] = [];
  try {
    const receiver = await bind(group, port, true);
    sockets.push(receiver);
    receiver.addMembership(group, to);
    const sender = await bind(from, 0);
    sockets.push(sender);
    sender.setMulticastInterface(from);
    sender.setMulticastLoopback(true);
    return await new Promise((resolve) => {
      setTimeout(() => resolve(false), PROBE_MS);
      receiver.once('message', () => resolve(true));
      sender.send('?', port, group, (error) => error && resolve(false));
    });
  } catch {
    return false;
  } finally {
    for (const socket of sockets) socket.close();
  }
}
