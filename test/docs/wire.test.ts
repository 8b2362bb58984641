import { createDecipheriv, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeOrdered } from '../../src/executive/manager/ordered.js';
import { readGolden } from '../native/support/golden.js';

/** Bytes as the tables of docs/WIRE.md say, against those of the ring's own code (native/test/crypto/wire_golden_test.cc). */
const document = readFileSync(join(import.meta.dirname, '../../docs/WIRE.md'), 'utf8');
const golden = readGolden('packets');

type Values = readonly (number | bigint)[];

/** The rows below a heading of the document or of a table: how long each field is. */
function sizes(heading: string): number[] {
  const at = document.indexOf(heading);
  expect(at, heading).toBeGreaterThanOrEqual(0);
  const [, rows = ''] = /\n\|---\|---\|\n((?:\|.*\n)+)/.exec(document.slice(at)) ?? [];
  return [...rows.matchAll(/^\| (\d+)/gm)].map(([, size]) => Number(size));
}

/** Little-endian, each field as long as its row says. */
function encode(heading: string, values: Values): Buffer {
  const fields = sizes(heading);
  expect(values.length, heading).toBe(fields.length);
  return Buffer.concat(fields.map((size, index) => littleEndian(values[index]!, size)));
}

function littleEndian(value: number | bigint, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let rest = BigInt(value);
  for (let at = 0; at < size; at++, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  expect(rest, `${value} in ${size} bytes`).toBe(0n);
  return bytes;
}

/** Version 1, key slot, type. */
const first = (slot: number, type: number) => (1 << 6) | (slot << 4) | type;
const NONE = 0xffff;

const node = 0xfffffffe;
const incarnation = 0x1112131415161718n;
const salt = 0x2122232425262728n;
const counter = 0x3132333435363738n;
const ring = Buffer.concat([littleEndian(1, 4), littleEndian(0xa1a2a3a4, 4), littleEndian(0xfffffffffffffffen, 8)]);

const shortHeader = (slot: number, type: number) =>
  encode('## Short header', [first(slot, type), 0x25262728, 0x35363738, 0xa1a2a3a4]);
const longHeader = (slot: number, type: number) =>
  encode('## Long header', [first(slot, type), 0x41424344, node, incarnation, salt, counter]);

/** Its last row is that of a range, once for each. */
function token(): Buffer {
  const base = 0x1112131415161701n;
  const [flags, ranges] = [1 | 2, 2];
  const fixed: Values = [
    ...[0x0102030405060708n, 0x1112131415161718n, 0x1112131415161700n, base],
    ...[0x21222324, 0x31323334, 3, 0x0141, 0x51, 4, 5, 0x6162, flags, 0, ranges, 0],
  ];
  const body = encode('## Token', [...fixed, 0]).subarray(0, -6);
  const range = (offset: number, count: number) => [littleEndian(offset, 4), littleEndian(count, 2)];
  return Buffer.concat([body, ...range(0, 2), ...range(15, 1)]);
}

const data = (flags: number, firstStart: number) => encode('## Data', [0x51525354, 7, flags, 0x61, firstStart]);
const probe = () => encode('| bytes | field of a probe |', [0x7172737475767778n, 0]);

describe('A table of WIRE.md has the bytes on record', () => {
  const made: Record<string, () => Buffer> = {
    'short header': () => shortHeader(3, 1),
    'long header': () => longHeader(2, 3),
    data: () => data(1 | 4 | (2 << 3), 0x0102),
    'recovery copy': () => Buffer.concat([data(2 | 32, NONE), encode('| bytes | field of a copy |', [0x71727374, 9])]),
    token,
    probe,
    pong: () => encode('| bytes | field of a pong |', [0x7172737475767778n, 0x81828384, 0, 0x9192939495969798n]),
  };

  test.each(Object.entries(made))('%s', (name, make) => {
    expect(make().toString('hex')).toBe(Buffer.from(golden.get(name)!).toString('hex'));
  });

  test('and nothing else is on record', () => {
    expect([...golden.keys()].filter((name) => !name.includes('sealed'))).toEqual(Object.keys(made));
  });
});

/** The rows of the table of the key's info, filled in. */
function packetKey(cipher: string): { key: Buffer; iv: Buffer } {
  const cluster = 'bank';
  const label = 'openais packet v1 ';
  expect(sizes('## Keys, nonces, replay')[0]).toBe(label.length);
  const info = Buffer.concat([
    Buffer.from(label + cipher),
    littleEndian(0, 1),
    littleEndian(cluster.length, 2),
    Buffer.from(cluster),
    littleEndian(0, 1),
    littleEndian(node, 4),
    littleEndian(incarnation, 8),
    littleEndian(salt, 8),
  ]);
  const groupKey = Uint8Array.from({ length: 128 }, (_, index) => index);
  const made = Buffer.from(hkdfSync('sha256', groupKey, new Uint8Array(0), info, 44));
  return { key: made.subarray(0, 32), iv: made.subarray(32) };
}

/** What a datagram on record holds, by what the document says of keys, nonces and associated data. */
function opened(name: string, cipher: 'aes-256-gcm' | 'chacha20-poly1305', header: Buffer, known: Buffer): Buffer {
  const datagram = Buffer.from(golden.get(name)!);
  expect(datagram.subarray(0, header.length).toString('hex')).toBe(header.toString('hex'));
  const { key, iv } = packetKey(cipher === 'aes-256-gcm' ? 'AES-256-GCM' : 'ChaCha20-Poly1305');
  const nonce = Buffer.from(iv);
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ counter, 4);
  const text = datagram.subarray(header.length, -16);
  // The types know one of the two ciphers by a name of its own.
  const decipher = createDecipheriv(cipher as 'aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.concat([header, known]), { plaintextLength: text.length } as never);
  decipher.setAuthTag(datagram.subarray(-16));
  return Buffer.concat([decipher.update(text), decipher.final()]);
}

test('A sealed token is opened with a key derived as the document says', () => {
  expect(opened('token, sealed with aes256gcm', 'aes-256-gcm', shortHeader(0, 0), ring)).toEqual(token());
});

test('So is a packet without a body, under the other cipher', () => {
  const name = 'hold cancel, sealed with chacha20poly1305';
  expect(opened(name, 'chacha20-poly1305', shortHeader(0, 5), ring)).toHaveLength(0);
});

test('A packet that introduces itself is sealed without a ring id', () => {
  const name = 'probe, sealed with chacha20poly1305';
  expect(opened(name, 'chacha20-poly1305', longHeader(0, 6), Buffer.alloc(0))).toEqual(probe());
});

test('What services order begins as the document says', () => {
  const [time, connection, tag] = [0x010203040506, 0x11121314, 0x21222324];
  const shown = encode('| bytes | field of an ordered message |', [3, 7, time, connection, tag]);
  expect(encodeOrdered(3, 7, { time, connection, tag })).toEqual(shown);
});
