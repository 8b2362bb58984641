/**
 * The other end of the boundary, written from docs/BOUNDARY.md and not from the code under test: reads commands as the
 * core does, writes what the core writes.
 */

import { ByteReader, ByteWriter } from '../../../src/native/bytes.js';
import { readControlBody, writeControlBody } from '../../../src/native/control-body.js';
import type { Command, CoreEvent, DeliveredConfiguration, Identity, RingId } from '../../../src/totem/boundary.js';

const PACKET_TYPES = { mergeDetect: 2, join: 3, commitToken: 4, leave: 8 };

/** A frame of these fields, padded to a multiple of 8. */
export function frame(type: number, a: number, b: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((8 + body.length) / 8) * 8);
  new DataView(bytes.buffer).setUint32(0, 8 + body.length, true);
  bytes.set([type, a, b], 4);
  bytes.set(body, 8);
  return bytes;
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

type Field = ['u8' | 'u16' | 'u32', number] | ['u64', bigint] | ['ring', RingId] | ['identity', Identity];

function body(...fields: Field[]): Uint8Array {
  const writer = new ByteWriter();
  for (const [kind, value] of fields) {
    if (kind === 'ring') writer.ringId(value);
    else if (kind === 'identity') writer.identity(value);
    else if (kind === 'u64') writer.u64(value);
    else writer[kind](value);
  }
  return writer.finish();
}

export function encodeEvent(event: CoreEvent): Uint8Array {
  switch (event.type) {
    case 'control': {
      const writer = new ByteWriter();
      writer.identity(event.sender);
      writer.u8(event.link);
      writer.u8(PACKET_TYPES[event.packet]);
      writer.zeros(6);
      writeControlBody(writer, event);
      return frame(16, 0, 0, writer.finish());
    }
    case 'tokenLoss':
      return frame(17, 0, 0, body(['u32', event.handle], ['u32', 0]));
    case 'failedToReceive':
      return frame(18, 0, 0, body(['u32', event.handle], ['u32', event.culprit]));
    case 'recovered':
      return frame(19, 0, 0, body(['u32', event.handle], ['u32', 0]));
    case 'summary': {
      const mode = ['none', 'forming', 'running', 'frozen', 'sealed'].indexOf(event.mode);
      const { handle, receivedFlag, aru, high, highDelivered } = event;
      const head: Field[] = [
        ['u32', handle],
        ['u8', mode],
        ['u8', receivedFlag ? 1 : 0],
        ['u16', 0],
      ];
      return frame(20, 0, 0, body(...head, ['u64', aru], ['u64', high], ['u64', highDelivered]));
    }
    case 'unreachable':
      return frame(21, 0, 0, body(['identity', event.peer]));
    case 'pong':
      return frame(22, 0, 0, body(['identity', event.peer], ['u32', event.lagMs], ['u32', event.roundTripUs]));
    case 'paused':
      return frame(23, 0, 0, body(['u64', event.withoutStepNs], ['u64', event.withoutTokenNs]));
    case 'refused':
      return frame(24, 0, 0, body(['u32', event.command], ['u32', event.reason]));
    case 'installed':
      return frame(25, 0, 0, body(['u32', event.handle], ['u32', 0]));
    case 'drained':
      return frame(26, 0, 0, body());
    case 'placed':
      return frame(27, 0, 0, body(['u64', event.ticket], ['u64', event.seq]));
    case 'room':
      return frame(28, event.mask, 0, body());
    case 'slow':
      return frame(29, 0, 0, body(['u32', event.handle], ['u32', 0]));
    case 'stale':
      return frame(30, 0, 0, body(['identity', event.peer], ['u64', event.highest]));
  }
}

export function encodeConfiguration(change: DeliveredConfiguration): Uint8Array {
  const head: Field[] = [
    ['ring', change.ring],
    ['ring', change.old],
    ['u16', change.members.length],
    ['u16', 0],
  ];
  const members = change.members.map((member): Field => ['identity', member]);
  return frame(2, change.kind === 'transitional' ? 1 : 0, 0, body(...head, ['u32', 0], ...members));
}

export interface Message {
  readonly sender: number;
  readonly priority: number;
  readonly flags: number;
  readonly ordinal: number;
  readonly seq: bigint;
  readonly bytes: Uint8Array;
}

export function encodeMessage(message: Message): Uint8Array {
  const head = body(['u32', message.sender], ['u32', message.ordinal], ['u64', message.seq]);
  return frame(1, message.priority, message.flags, concatenate([head, message.bytes]));
}

/** Reads a command as the core does: whatever is reserved has to be zero, and nothing may be left over. */
export function decodeCommand(bytes: Uint8Array): Command {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== bytes.length) throw new Error('the frame has another size');
  if (bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) throw new Error('reserved bytes of the header are set');
  const reader = new ByteReader(view, 8, bytes.length);
  const command = readCommand(bytes[4]!, reader);
  if (reader.left !== 0) throw new Error(`${reader.left} bytes are left over`);
  return command;
}

function zeros(reader: ByteReader, count: number): void {
  if (reader.bytes(count).some((byte) => byte !== 0)) throw new Error('reserved bytes are set');
}

function readCommand(type: number, reader: ByteReader): Command {
  switch (type) {
    case 1: {
      const handle = reader.u32();
      const window = reader.u16();
      const acceleratedWindow = reader.u16();
      const ring = reader.ringId();
      const count = reader.u16();
      zeros(reader, 6);
      const members = reader.list(count, () => reader.identity());
      return { type: 'createRing', handle, ring, window, acceleratedWindow, members };
    }
    case 2:
      return { type: 'freeze', handle: reader.u32() };
    case 3:
      return { type: 'seal', handle: reader.u32() };
    case 4:
      return readRecoveryBegin(reader);
    case 5:
      return { type: 'tokenStart', handle: reader.u32() };
    case 6: {
      const handle = reader.u32();
      const old = reader.u32();
      const highDelivered = reader.u64();
      const deliverCount = reader.u16();
      const transitionalCount = reader.u16();
      zeros(reader, 4);
      const deliverMembers = reader.list(deliverCount, () => reader.u32());
      const transitional = reader.list(transitionalCount, () => reader.u32());
      return { type: 'install', handle, old, highDelivered, deliverMembers, transitional };
    }
    case 7:
      return { type: 'destroy', handle: reader.u32() };
    case 8: {
      const node = reader.u32();
      const packetType = reader.u8();
      zeros(reader, 3);
      return { type: 'control', node, ...readControlBody(packetType, reader) };
    }
    case 9:
      return { type: 'plug', mask: reader.u32() };
    case 10:
      return { type: 'probe', node: reader.u32(), count: reader.u32(), intervalNs: reader.u64() };
    case 11:
      return { type: 'drain' };
    case 12:
      return { type: 'lag', milliseconds: reader.u32() };
    default:
      throw new Error(`no command has type ${type}`);
  }
}

function readRecoveryBegin(reader: ByteReader): Command {
  const handle = reader.u32();
  const old = reader.u32();
  const lowAru = reader.u64();
  const copy = reader.u8() === 1;
  zeros(reader, 7);
  const memberCount = reader.u16();
  zeros(reader, 6);
  const oldRingOfMember = reader.list(memberCount, () => reader.u16());
  zeros(reader, ((4 - (memberCount % 4)) % 4) * 2);
  const tableSize = reader.u16();
  zeros(reader, 6);
  const oldRings = reader.list(tableSize, () => reader.ringId());
  return { type: 'recoveryBegin', handle, old, lowAru, copy, oldRingOfMember, oldRings };
}
