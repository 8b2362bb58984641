/** Commands of membership as frames for the core (docs/BOUNDARY.md, 'Commands'). */

import type { Command } from '../totem/boundary.js';
import { ByteWriter } from './bytes.js';
import { controlPacketType, writeControlBody } from './control-body.js';
import { FRAME_HEADER_BYTES } from './frames.js';

const COMMAND_TYPES = {
  createRing: 1,
  freeze: 2,
  seal: 3,
  recoveryBegin: 4,
  tokenStart: 5,
  install: 6,
  destroy: 7,
  control: 8,
  plug: 9,
  probe: 10,
  drain: 11,
  lag: 12,
} as const;

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/**
 * One frame, not padded.
 * @throws {RangeError} A field or list does not fit.
 */
export function encodeCommand(command: Command): Uint8Array {
  const writer = new ByteWriter();
  writer.zeros(FRAME_HEADER_BYTES);
  writeBody(writer, command);
  const frame = writer.finish();
  new DataView(frame.buffer).setUint32(0, frame.length, true);
  frame[4] = COMMAND_TYPES[command.type];
  return frame;
}

function writeBody(writer: ByteWriter, command: Command): void {
  switch (command.type) {
    case 'createRing':
      writeCreateRing(writer, command);
      break;
    case 'recoveryBegin':
      writeRecoveryBegin(writer, command);
      break;
    case 'install':
      writeInstall(writer, command);
      break;
    case 'freeze':
    case 'seal':
    case 'tokenStart':
    case 'destroy':
      writer.u32(command.handle);
      break;
    case 'control':
      writer.u32(command.node);
      writer.u8(controlPacketType(command));
      writer.zeros(3);
      writeControlBody(writer, command);
      break;
    case 'plug':
      writer.u32(command.mask);
      break;
    case 'probe':
      writer.u32(command.node);
      writer.u32(command.count);
      writer.u64(command.intervalNs);
      break;
    case 'drain':
      break;
    case 'lag':
      writer.u32(command.milliseconds);
      break;
    default:
      command satisfies never;
  }
}

function writeCreateRing(writer: ByteWriter, command: Of<'createRing'>): void {
  writer.u32(command.handle);
  writer.u16(command.window);
  writer.u16(command.acceleratedWindow);
  writer.ringId(command.ring);
  writer.u16(command.members.length);
  writer.zeros(6);
  for (const member of command.members) writer.identity(member);
}

function writeRecoveryBegin(writer: ByteWriter, command: Of<'recoveryBegin'>): void {
  writer.u32(command.handle);
  writer.u32(command.old);
  writer.u64(command.lowAru);
  writer.u8(command.copy ? 1 : 0);
  writer.zeros(7);
  writer.u16(command.oldRingOfMember.length);
  writer.zeros(6);
  for (const index of command.oldRingOfMember) writer.u16(index);
  writer.zeros(-writer.size & 7);
  writer.u16(command.oldRings.length);
  writer.zeros(6);
  for (const ring of command.oldRings) writer.ringId(ring);
}

function writeInstall(writer: ByteWriter, command: Of<'install'>): void {
  writer.u32(command.handle);
  writer.u32(command.old);
  writer.u64(command.highDelivered);
  writer.u16(command.deliverMembers.length);
  writer.u16(command.transitional.length);
  writer.zeros(4);
  for (const node of command.deliverMembers) writer.u32(node);
  for (const node of command.transitional) writer.u32(node);
}
