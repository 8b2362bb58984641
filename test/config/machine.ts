import type { InterfaceAddress, Machine } from '../../src/config/address.js';
import { ipv4ToNumber } from '../../src/config/address.js';

/** A machine with a loopback and one network card, and what Linux lets it bind. */
export function machineWith(...more: InterfaceAddress[]): Machine {
  const interfaces = [
    { name: 'lo', address: '127.0.0.1', prefixLength: 8 },
    { name: 'eth0', address: '192.0.2.10', prefixLength: 24 },
    ...more,
  ];
  return {
    interfaces: () => interfaces,
    canBind: async (address) =>
      ipv4ToNumber(address) >>> 24 === 127 || interfaces.some((candidate) => candidate.address === address),
  };
}
