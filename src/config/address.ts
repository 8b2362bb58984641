/**
 * From `bindnetaddr` to an address that can be bound. An address of this machine comes first, then the network of an
 * interface: 127.0.0.2 can be bound although no interface lists it.
 */
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** What is asked of the machine; tests give their own. */
export interface Machine {
  interfaces(): readonly InterfaceAddress[];
  canBind(address: string): Promise<boolean>;
}

export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
}

export type Resolution =
  | { readonly address: string; readonly interfaceName: string | undefined }
  | { readonly refused: string };

export const thisMachine: Machine = {
  interfaces() {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
      (addresses ?? [])
        .filter(({ family }) => family === 'IPv4')
        .map(({ address, cidr }) => ({ name, address, prefixLength: Number(cidr?.split('/')[1] ?? 32) })),
    );
  },

  canBind(address) {
    return new Promise((resolve) => {
      const socket = createSocket('udp4');
      socket.once('error', () => {
        socket.close();
        resolve(false);
      });
      socket.bind({ address, port: 0, exclusive: true }, () => socket.close(() => resolve(true)));
    });
  },
};

/**
 * Kernels let UDP bind broadcast addresses, and older ones network addresses: these are looked at before binding is
 * tried.
 */
export async function resolveBindAddress(bindnetaddr: string, machine: Machine): Promise<Resolution> {
  const interfaces = machine.interfaces();
  const own = interfaces.find(({ address }) => address === bindnetaddr);
  if (own) return { address: own.address, interfaceName: own.name };

  const wanted = ipv4ToNumber(bindnetaddr);
  const inNetwork = interfaces.filter((candidate) => candidate.prefixLength < 31 && networkOf(candidate) === wanted);
  const [first, second] = inNetwork;
  if (first && second) {
    const names = inNetwork.map(({ name, address }) => `${address} (${name})`).join(', ');
    return { refused: `network ${bindnetaddr} is that of several addresses: ${names}; name the address itself` };
  }
  if (first) return { address: first.address, interfaceName: first.name };
  const broadcasting = interfaces.find((candidate) => candidate.prefixLength < 31 && broadcastOf(candidate) === wanted);
  if (broadcasting) return { refused: `${bindnetaddr} is the broadcast address of ${broadcasting.name}` };

  if (await machine.canBind(bindnetaddr)) {
    const around = interfaces.find((candidate) => maskTo(wanted, candidate.prefixLength) === networkOf(candidate));
    return { address: bindnetaddr, interfaceName: around?.name };
  }
  const known = interfaces.map(({ name, address, prefixLength }) => `${address}/${prefixLength} (${name})`).join(', ');
  return {
    refused: `${bindnetaddr} is neither an address of this machine nor the network of an interface; it has ${known}`,
  };
}

/** Nobody reaches it from another machine. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** In the order of the network: 192.0.2.1 is 0xc0000201, as an unsigned number. */
export function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function maskTo(address: number, prefixLength: number): number {
  const hosts = 2 ** (32 - prefixLength);
  return Math.floor(address / hosts) * hosts;
}

function networkOf({ address, prefixLength }: InterfaceAddress): number {
  return maskTo(ipv4ToNumber(address), prefixLength);
}

function broadcastOf(candidate: InterfaceAddress): number {
  return networkOf(candidate) + 2 ** (32 - candidate.prefixLength) - 1;
}
