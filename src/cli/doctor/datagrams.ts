/** Whether datagrams get through the kernel of this machine: a multicast comes back, and the ports are free. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ResolvedConfig, ResolvedLink } from '../../config/index.js';
import { type Finding, ok, wrong } from './finding.js';

/** Milliseconds within which a datagram comes back that never left the machine. */
const RETURN_MS = 1000;

/** A datagram to the ring's group at a port of its own, which does not leave the machine (TTL 0). */
export async function examineMulticast({ transport, links }: ResolvedConfig): Promise<Finding[]> {
  if (transport !== 'udp') return [];
  const { address, multicastAddress: group } = links[0]!;
  const check = 'multicast';
  const mend = `ip route add 224.0.0.0/4 dev NAME, let a firewall pass ${group}, or set transport: udpu on all nodes`;
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    const hasReturned = await returns(socket, address, group);
    if (hasReturned) return [ok(check, `a datagram to ${group} came back`)];
    return [wrong(check, `a datagram to ${group} from ${address} did not come back`, mend)];
  } catch (error) {
    return [wrong(check, `${group} cannot be used from ${address}: ${(error as Error).message}`, mend)];
  } finally {
    socket.close();
  }
}

async function returns(socket: Socket, address: string, group: string): Promise<boolean> {
  socket.bind(0, group);
  await once(socket, 'listening');
  socket.addMembership(group, address);
  socket.setMulticastInterface(address);
  socket.setMulticastLoopback(true);
  socket.setMulticastTTL(0);
  const timeout = AbortSignal.timeout(RETURN_MS);
  const returned = once(socket, 'message', { signal: timeout }).then(
    () => true,
    (error) => {
      if (timeout.aborted) return false;
      throw error;
    },
  );
  socket.send('ais doctor', socket.address().port, group);
  return returned;
}

/** Where no executive runs yet. The port of data is shared by those who listen to the group; that of tokens is its alone. */
export async function examinePorts({ links }: ResolvedConfig): Promise<Finding> {
  const { address, port } = links[0]!;
  const problem = await whyNotBound(links[0]!);
  if (problem === undefined) return ok('ports', `${address}:${port - 1} and ${port} are free`);
  const mend = `ss -ulpn shows who has it; or set another mcastport on all nodes`;
  return wrong('ports', `${address}:${port - 1} cannot be bound: ${problem}`, mend);
}

async function whyNotBound({ address, port }: ResolvedLink): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ address, port: port - 1, exclusive: true });
    await once(socket, 'listening');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.close();
  }
}
