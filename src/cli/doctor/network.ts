/** The interface of the link: whether it is up, carries multicast, and takes datagrams of the size that the ring sends. */
import { networkInterfaces } from 'node:os';
import type { ResolvedConfig } from '../../config/index.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import { type Machine, numberIn } from './machine.js';

/** IP and UDP headers of a datagram. */
const HEADER_BYTES = 28;

/** Flags of an interface, as linux/if.h has them. */
const UP = 0x1;
const LOOPBACK = 0x8;
const MULTICAST = 0x1000;

export function examineNetwork(config: ResolvedConfig, machine: Machine): Finding[] {
  const { address, interfaceName } = config.links[0]!;
  if (interfaceName === undefined) {
    const mend = `give it to an interface: ip address add ${address}/24 dev NAME`;
    return [wrong('interface', `${address} can be bound, but no interface has it: nothing arrives`, mend)];
  }
  // An alias such as eth0:1 is an address of eth0.
  const [name = ''] = interfaceName.split(':');
  const folder = `/sys/class/net/${name}`;
  const flags = numberIn(machine, `${folder}/flags`);
  const mtu = numberIn(machine, `${folder}/mtu`);
  if (flags === undefined || mtu === undefined)
    return [warning('interface', `the system says nothing of ${name}`, 'mount /sys, where the doctor looks')];
  return [
    examineFlags(name, address, flags, machine.read(`${folder}/carrier`)),
    ...(config.transport === 'udp' ? [examineMulticastFlag(name, flags)] : []),
    examineMtu(name, mtu, config.datagramBytes + HEADER_BYTES),
  ];
}

function examineFlags(name: string, address: string, flags: number, carrier: string | undefined): Finding {
  const check = 'interface';
  if ((flags & UP) === 0) return wrong(check, `${name} is down`, `ip link set dev ${name} up`);
  if (carrier === '0')
    return wrong(check, `${name} has no carrier`, 'look at its cable, and at the port of the switch');
  return ok(check, `${address} is on ${name}, which is up`);
}

/** The loopback carries multicast without the flag. */
function examineMulticastFlag(name: string, flags: number): Finding {
  const check = 'multicast flag';
  if ((flags & (MULTICAST | LOOPBACK)) !== 0) return ok(check, `${name} carries multicast`);
  const mend = `ip link set dev ${name} multicast on, or set transport: udpu on all nodes`;
  return wrong(check, `${name} does not carry multicast`, mend);
}

function examineMtu(name: string, mtu: number, netmtu: number): Finding {
  if (mtu >= netmtu) return ok('MTU', `${name} takes ${mtu} bytes, netmtu is ${netmtu}`);
  const mend = `set totem.netmtu: ${mtu} on all nodes, or ip link set dev ${name} mtu ${netmtu}`;
  return wrong('MTU', `${name} takes ${mtu} bytes, less than netmtu (${netmtu}): packets are cut or lost`, mend);
}

/** Of the node list: addresses that two machines cannot both have. */
export function examineNodeList({ nodes, nodeId }: ResolvedConfig): Finding[] {
  if (nodes.length === 0) return [];
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
  const here = nodes.filter((node) => node.nodeId !== nodeId && node.addresses.some((address) => own.has(address)));
  if (here.length === 0) return [ok('node list', `${nodes.length} nodes, one of them this machine`)];
  const ids = here.map((node) => node.nodeId).join(', ');
  return [warning('node list', `addresses of nodes ${ids} are of this machine too`, 'give each node its own machine')];
}
