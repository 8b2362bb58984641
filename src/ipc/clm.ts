/** CLM between library and executive: functions, the event of a track, and how a change of the membership is written. */
import { BodyError, type BodyReader, type BodyWriter } from './body.js';

export const CLM = {
  /** u32 node → a node. */
  node: 1,
  /** → a change. */
  current: 2,
  /** u32 object, bool only what changed → a change: the state from which it tracks. */
  track: 3,
  /** u32 object. */
  stop: 4,
} as const;

/** Told to a track: a change. */
export const CLM_CHANGED = 1;

export interface NodeRecord {
  readonly nodeId: number;
  readonly name: string;
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly member: boolean;
  readonly bootTimestamp: number;
  readonly initialViewNumber: number;
}

export const CHANGES = ['none', 'joined', 'left', 'reconfigured'] as const;

export interface ChangedNode extends NodeRecord {
  readonly change: (typeof CHANGES)[number];
}

export interface ChangeRecord {
  readonly viewNumber: number;
  readonly configuration: string;
  readonly numberOfMembers: number;
  readonly nodes: readonly ChangedNode[];
}

export function writeNode(writer: BodyWriter, node: NodeRecord): BodyWriter {
  return writer
    .u32(node.nodeId)
    .text(node.name)
    .text(node.address)
    .bool(node.family === 'IPv6')
    .bool(node.member)
    .f64(node.bootTimestamp)
    .f64(node.initialViewNumber);
}

export function readNode(reader: BodyReader): NodeRecord {
  return {
    nodeId: reader.u32(),
    name: reader.text(),
    address: reader.text(),
    family: reader.bool() ? 'IPv6' : 'IPv4',
    member: reader.bool(),
    bootTimestamp: reader.f64(),
    initialViewNumber: reader.f64(),
  };
}

export function writeChange(writer: BodyWriter, change: ChangeRecord): BodyWriter {
  const { viewNumber, configuration, numberOfMembers, nodes } = change;
  writer.f64(viewNumber).text(configuration).u32(numberOfMembers).u32(nodes.length);
  for (const node of nodes) writeNode(writer, node).u8(CHANGES.indexOf(node.change));
  return writer;
}

export function readChange(reader: BodyReader): ChangeRecord {
  const viewNumber = reader.f64();
  const configuration = reader.text();
  const numberOfMembers = reader.u32();
  const nodes: ChangedNode[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const node = readNode(reader);
    const change = CHANGES[reader.u8()];
    if (change === undefined) throw new BodyError('a change of no known kind');
    nodes.push({ ...node, change });
  }
  return { viewNumber, configuration, numberOfMembers, nodes };
}
