/** Bodies of control packets, as they are on the wire and as membership sees them. */

import type {
  CommitEntry,
  CommitTokenBody,
  ControlPacket,
  JoinBody,
  Member,
  MergeDetectBody,
} from '../totem/boundary.js';
import type { ByteReader, ByteWriter } from './bytes.js';

const PACKET_TYPES = { mergeDetect: 2, join: 3, commitToken: 4, leave: 8 } as const;

/** A bitmap over the 128 members that a ring has at most. */
const DELIVER_MEMBERS_BYTES = 16;
const FILLED = 1;
const RECEIVED_FLAG = 2;

export function controlPacketType(packet: ControlPacket): number {
  return PACKET_TYPES[packet.packet];
}

/** @throws {RangeError} A field or list does not fit. */
export function writeControlBody(writer: ByteWriter, packet: ControlPacket): void {
  switch (packet.packet) {
    case 'mergeDetect':
      writeMergeDetect(writer, packet.body);
      break;
    case 'join':
      writeJoin(writer, packet.body);
      break;
    case 'commitToken':
      writeCommitToken(writer, packet.body);
      break;
    case 'leave':
      writer.ringId(packet.body.ring);
      break;
    default:
      packet satisfies never;
  }
}

/**
 * @throws {Error} No control packet has that type, or it has another form: the addon is another one than this code is
 * for.
 */
export function readControlBody(type: number, reader: ByteReader): ControlPacket {
  const packet = readPacket(type, reader);
  if (reader.left !== 0) throw new Error(`${reader.left} bytes behind the body of a ${packet.packet}`);
  return packet;
}

function readPacket(type: number, reader: ByteReader): ControlPacket {
  switch (type) {
    case PACKET_TYPES.mergeDetect:
      return { packet: 'mergeDetect', body: readMergeDetect(reader) };
    case PACKET_TYPES.join:
      return { packet: 'join', body: readJoin(reader) };
    case PACKET_TYPES.commitToken:
      return { packet: 'commitToken', body: readCommitToken(reader) };
    case PACKET_TYPES.leave:
      return { packet: 'leave', body: { ring: reader.ringId() } };
    default:
      throw new Error(`no control packet has type ${type}`);
  }
}

function writeMergeDetect(writer: ByteWriter, body: MergeDetectBody): void {
  writer.ringId(body.ring);
  writer.u16(body.members.length);
  writer.u16(body.heard.length);
  writer.zeros(4);
  for (const node of body.members) writer.u32(node);
  for (const node of body.heard) writer.u32(node);
}

function readMergeDetect(reader: ByteReader): MergeDetectBody {
  const ring = reader.ringId();
  const members = reader.u16();
  const heard = reader.u16();
  reader.skip(4);
  const node = () => reader.u32();
  return { ring, members: reader.list(members, node), heard: reader.list(heard, node) };
}

function writeMembers(writer: ByteWriter, members: readonly Member[]): void {
  for (const member of members) {
    writer.u32(member.node);
    writer.zeros(4);
    writer.u64(member.incarnation);
  }
}

function readMember(reader: ByteReader): Member {
  const node = reader.u32();
  reader.skip(4);
  return { node, incarnation: reader.u64() };
}

function writeJoin(writer: ByteWriter, body: JoinBody): void {
  writer.u64(body.ringSeq);
  writer.ringId(body.old);
  writer.u32(body.rotationCount);
  writer.u8(body.flags);
  writer.u8(body.versionMin);
  writer.u8(body.versionMax);
  writer.zeros(1);
  const lists = [body.proc, body.fail, body.heard];
  for (const list of lists) writer.u16(list.length);
  writer.zeros(2);
  for (const list of lists) writeMembers(writer, list);
}

function readJoin(reader: ByteReader): JoinBody {
  const ringSeq = reader.u64();
  const old = reader.ringId();
  const rotationCount = reader.u32();
  const flags = reader.u8();
  const versionMin = reader.u8();
  const versionMax = reader.u8();
  reader.skip(1);
  const proc = reader.u16();
  const fail = reader.u16();
  const heard = reader.u16();
  reader.skip(2);
  const member = () => readMember(reader);
  return {
    ringSeq,
    old,
    rotationCount,
    flags,
    versionMin,
    versionMax,
    proc: reader.list(proc, member),
    fail: reader.list(fail, member),
    heard: reader.list(heard, member),
  };
}

function writeCommitToken(writer: ByteWriter, body: CommitTokenBody): void {
  writer.ringId(body.ring);
  writer.u32(body.tokenSeq);
  writer.u16(body.entries.length);
  writer.zeros(2);
  for (const entry of body.entries) writeCommitEntry(writer, entry);
}

function readCommitToken(reader: ByteReader): CommitTokenBody {
  const ring = reader.ringId();
  const tokenSeq = reader.u32();
  const count = reader.u16();
  reader.skip(2);
  return { ring, tokenSeq, entries: reader.list(count, () => readCommitEntry(reader)) };
}

function writeCommitEntry(writer: ByteWriter, entry: CommitEntry): void {
  if (entry.deliverMembers.length !== DELIVER_MEMBERS_BYTES)
    throw new RangeError(`deliverMembers has ${entry.deliverMembers.length} bytes instead of ${DELIVER_MEMBERS_BYTES}`);
  writer.identity(entry.identity);
  writer.ringId(entry.old);
  writer.u64(entry.aru);
  writer.u64(entry.highDelivered);
  writer.u8((entry.filled ? FILLED : 0) | (entry.receivedFlag ? RECEIVED_FLAG : 0));
  writer.zeros(1);
  writer.u16(entry.window);
  writer.u16(entry.acceleratedWindow);
  writer.zeros(2);
  writer.bytes(entry.deliverMembers);
}

function readCommitEntry(reader: ByteReader): CommitEntry {
  const identity = reader.identity();
  const old = reader.ringId();
  const aru = reader.u64();
  const highDelivered = reader.u64();
  const flags = reader.u8();
  reader.skip(1);
  const window = reader.u16();
  const acceleratedWindow = reader.u16();
  reader.skip(2);
  return {
    identity,
    filled: (flags & FILLED) !== 0,
    receivedFlag: (flags & RECEIVED_FLAG) !== 0,
    old,
    aru,
    highDelivered,
    window,
    acceleratedWindow,
    deliverMembers: reader.bytes(DELIVER_MEMBERS_BYTES),
  };
}
