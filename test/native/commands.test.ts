import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/native/bytes.js';
import { encodeCommand } from '../../src/native/commands.js';
import { controlPacketType, readControlBody, writeControlBody } from '../../src/native/control-body.js';
import type { CommitTokenBody, ControlPacket } from '../../src/totem/boundary.js';
import { command, controlPacket } from './support/arbitraries.js';
import { decodeCommand } from './support/core-side.js';
import { isRecording, readGolden, writeGolden } from './support/golden.js';
import { commands, controlPackets } from './support/samples.js';

function encodeBody(packet: ControlPacket): Uint8Array {
  const writer = new ByteWriter();
  writeControlBody(writer, packet);
  return writer.finish();
}

function decodeBody(type: number, bytes: Uint8Array): ControlPacket {
  return readControlBody(type, new ByteReader(new DataView(bytes.buffer), 0, bytes.length));
}

describe('commands', () => {
  it('reach the core with every field as it was', () => {
    fc.assert(
      fc.property(command, (value) => {
        expect(decodeCommand(encodeCommand(value))).toEqual(value);
      }),
    );
  });

  it('have the bytes that are on record', () => {
    const encoded = new Map(Object.entries(commands).map(([name, value]) => [name, encodeCommand(value)]));
    if (isRecording) writeGolden('commands', encoded);
    expect(readGolden('commands')).toEqual(encoded);
  });

  it('are refused where a value does not fit its field', () => {
    expect(() => encodeCommand({ type: 'freeze', handle: -1 })).toThrow(RangeError);
    expect(() => encodeCommand({ type: 'probe', node: 1, count: 1, intervalNs: -1n })).toThrow(RangeError);
  });
});

describe('bodies of control packets', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(controlPacket, (packet) => {
        expect(decodeBody(controlPacketType(packet), encodeBody(packet))).toEqual(packet);
      }),
    );
  });

  it('have the bytes that are on record', () => {
    const encoded = new Map(Object.entries(controlPackets).map(([name, packet]) => [name, encodeBody(packet)]));
    if (isRecording) writeGolden('control-bodies', encoded);
    expect(readGolden('control-bodies')).toEqual(encoded);
  });

  it('have 80 bytes for each entry of a commit token', () => {
    const { ring, entries } = controlPackets.commitToken!.body as CommitTokenBody;
    const size = (count: number) =>
      encodeBody({ packet: 'commitToken', body: { ring, tokenSeq: 1, entries: entries.slice(0, count) } }).length;
    expect([size(0), size(1), size(2)]).toEqual([24, 104, 184]);
  });

  it('refuse a bitmap of another size', () => {
    const { ring, entries } = controlPackets.commitToken!.body as CommitTokenBody;
    const entry = { ...entries[0]!, deliverMembers: new Uint8Array(15) };
    expect(() => encodeBody({ packet: 'commitToken', body: { ring, tokenSeq: 1, entries: [entry] } })).toThrow(
      'deliverMembers has 15 bytes instead of 16',
    );
  });

  it('refuse another type, and bytes that are missing or left over', () => {
    const bytes = encodeBody(controlPackets.join!);
    expect(() => decodeBody(5, bytes)).toThrow('no control packet has type 5');
    expect(() => decodeBody(3, bytes.slice(0, -1))).toThrow(RangeError);
    expect(() => decodeBody(3, Uint8Array.of(...bytes, 0))).toThrow('1 bytes behind the body of a join');
  });
});
