/**
 * Which address and which node id this node has: from bindnetaddr, from the node list, from nodeid, and all of them
 * together.
 */
import { ipv4ToNumber, resolveBindAddress } from './address.js';
import type { Resolver } from './resolve.js';
import type { ResolvedNode } from './resolved-config.js';

interface OwnAddress {
  readonly address: string;
  readonly interfaceName: string | undefined;
  readonly nodeId: number;
}

/** What stands there after a problem was reported: never used. */
export const noAddress: OwnAddress = { address: '', interfaceName: undefined, nodeId: 0 };

export async function resolveOwnAddress(
  resolver: Resolver,
  bindnetaddr: string | undefined,
  nodes: readonly ResolvedNode[],
): Promise<OwnAddress> {
  if (bindnetaddr !== undefined) return fromBindAddress(resolver, bindnetaddr, nodes);
  if (nodes.length > 0) return fromNodeList(resolver, nodes);
  resolver.complain(
    'totem.interface[0]',
    "totem needs an interface with bindnetaddr, or the file a section 'nodelist'",
  );
  return noAddress;
}

async function fromBindAddress(
  resolver: Resolver,
  bindnetaddr: string,
  nodes: readonly ResolvedNode[],
): Promise<OwnAddress> {
  const path = 'totem.interface[0].bindnetaddr';
  const resolution = await resolveBindAddress(bindnetaddr, resolver.machine);
  if ('refused' in resolution) {
    resolver.complain(path, resolution.refused);
    return noAddress;
  }
  const { address, interfaceName } = resolution;
  const listed = nodes.find((node) => node.addresses[0] === address);
  const { nodeid } = resolver.config.totem;
  if (nodes.length > 0 && !listed) {
    resolver.complain(path, `the node list has no node with the address ${address}`);
  } else if (listed && nodeid !== undefined && nodeid !== listed.nodeId) {
    resolver.complain('totem.nodeid', `the node list gives ${address} to node ${listed.nodeId}, not ${nodeid}`);
  }
  return { address, interfaceName, nodeId: nodeid ?? listed?.nodeId ?? ipv4ToNumber(address) };
}

async function fromNodeList(resolver: Resolver, nodes: readonly ResolvedNode[]): Promise<OwnAddress> {
  const { nodeid } = resolver.config.totem;
  const candidates = nodeid === undefined ? nodes : nodes.filter((node) => node.nodeId === nodeid);
  if (candidates.length === 0) {
    resolver.complain('totem.nodeid', `node ${nodeid} is not in the node list`);
    return noAddress;
  }
  const own: OwnAddress[] = [];
  for (const { nodeId, addresses } of candidates) {
    const wanted = addresses[0]!;
    const resolution = await resolveBindAddress(wanted, resolver.machine);
    // The others send to the listed address: the network it may be of an interface does not count.
    if ('address' in resolution && resolution.address === wanted) own.push({ ...resolution, nodeId });
  }
  if (own.length === 1) return own[0]!;
  const listed = (found: readonly { nodeId: number }[]) => found.map(({ nodeId }) => nodeId).join(', ');
  const message =
    own.length === 0
      ? `no address of the node list is one of this machine (looked at nodes ${listed(candidates)})`
      : `nodes ${listed(own)} of the list have addresses of this machine: set totem.nodeid or bindnetaddr`;
  resolver.complain('nodelist', message);
  return noAddress;
}
