/** What a node says of itself and its services at the start of a regular configuration: all that synchronisation is planned from. */
import { BodyError, type BodyReader, BodyWriter } from '../../ipc/body.js';
import type { Service } from '../service.js';

/** Configurations that a node remembers to have gone through. */
export const HISTORY_MAX = 32;
export const GREETING_MAX = 1024;
export const DIGEST_MAX = 32;
const MEMBERS_MAX = 128;
const SERVICES_MAX = 255;
const ID_MAX = 255;
const NOTHING = new Uint8Array(0);

export interface ServiceHello {
  readonly number: number;
  readonly isBlank: boolean;
  /** Empty: it has no replicated state. */
  readonly digest: Buffer;
  readonly greeting: Buffer;
}

export interface Hello {
  /** Equal for those who delivered the same messages since the last configuration that they all committed, and no others. */
  readonly lineage: string;
  /** Members of the configuration that this node committed last. */
  readonly oldMembers: readonly number[];
  /** Its view number, if it was primary; else that of the last one that was. */
  readonly lastPrimaryView: number;
  /** The last primary configuration that this node was in, in this life or an earlier one. */
  readonly rememberedView: number;
  /** It has been together with every node that is expected, or with one that has (wait_for_all). */
  readonly hasSeenAll: boolean;
  readonly time: number;
  /** The start of an executive that the state goes back to: a joiner takes over its donor's. */
  readonly founder: string;
  /** Milliseconds since then. */
  readonly age: number;
  /** It has to send messages again that were refused, and its send queue may hold later ones (backlogs.ts). */
  readonly isBehind: boolean;
  /** Ids of the configurations that it committed, oldest first. */
  readonly history: readonly string[];
  readonly services: readonly ServiceHello[];
}

/** As it is now. */
export function serviceHello(service: Service): ServiceHello {
  const { number, replica } = service;
  return {
    number,
    isBlank: replica?.isBlank() ?? true,
    digest: Buffer.from(replica?.digest() ?? NOTHING),
    greeting: Buffer.from(service.greeting?.() ?? NOTHING),
  };
}

export function encodeHello(hello: Hello): Buffer {
  const writer = new BodyWriter(1024).text(hello.lineage).u16(hello.oldMembers.length);
  for (const member of hello.oldMembers) writer.u32(member);
  writer.f64(hello.lastPrimaryView).f64(hello.rememberedView).bool(hello.hasSeenAll).f64(hello.time);
  writer.text(hello.founder).f64(hello.age).bool(hello.isBehind).u16(hello.history.length);
  for (const id of hello.history) writer.text(id);
  writer.u8(hello.services.length);
  for (const { number, isBlank, digest, greeting } of hello.services)
    writer.u8(number).bool(isBlank).bytes(digest).bytes(greeting);
  return writer.finish();
}

/** @throws {BodyError} */
export function decodeHello(body: BodyReader): Hello {
  const lineage = body.text(2 * ID_MAX + 1);
  const oldMembers = Array.from({ length: counted(body.u16(), MEMBERS_MAX) }, () => body.u32());
  const lastPrimaryView = body.f64();
  const rememberedView = body.f64();
  const hasSeenAll = body.bool();
  const time = body.f64();
  const founder = body.text(ID_MAX);
  const age = body.f64();
  if (!(age >= 0)) throw new BodyError(`an age of ${age}`);
  const isBehind = body.bool();
  const history = Array.from({ length: counted(body.u16(), HISTORY_MAX) }, () => body.text(ID_MAX));
  const services = Array.from({ length: counted(body.u8(), SERVICES_MAX) }, () => ({
    number: body.u8(),
    isBlank: body.bool(),
    digest: Buffer.from(body.bytes(DIGEST_MAX)),
    greeting: Buffer.from(body.bytes(GREETING_MAX)),
  }));
  body.end();
  const origin = { lineage, oldMembers, lastPrimaryView, rememberedView, hasSeenAll, time, founder, age };
  return { ...origin, isBehind, history, services };
}

/** Whoever says nonsense of itself has nothing. */
export function helloOf(node: number, body: BodyReader, onViolation: (what: string) => void): Hello {
  try {
    return decodeHello(body);
  } catch (error) {
    onViolation(`the hello of node ${node}: ${(error as Error).message}`);
    return emptyHello(node);
  }
}

function emptyHello(node: number): Hello {
  const [lineage, views] = [`malformed ${node}`, { lastPrimaryView: 0, rememberedView: 0, hasSeenAll: false }];
  const origin = { lineage, oldMembers: [node], ...views, time: 0, founder: lineage, age: 0 };
  return { ...origin, isBehind: false, history: [], services: [] };
}

function counted(count: number, most: number): number {
  if (count > most) throw new BodyError(`${count} entries, at most ${most}`);
  return count;
}
