/** Messages, as far as the checker of services looks at them: read by the tables of their bodies, without the services' code. */
import { BodyReader } from '../../ipc/body.js';
import { TOKEN_LENGTH } from './journal.js';

/** Who sent a message of a service: a connection of a process. */
interface Sent {
  readonly from: string;
}

/** Of a hello: of which process, and which start of an executive its state goes back to. */
export interface Origin {
  readonly process: number;
  readonly founder: string;
  readonly age: number;
  /** What it sends is refused up to its marker. */
  readonly isBehind: boolean;
}

export type Message =
  /** Of the manager, at the begin of a configuration: hello, part or end of a state. */
  | { readonly kind: 'synchronization'; readonly text: string; readonly origin: Origin | undefined }
  | (Sent & {
      readonly kind: 'openCheckpoint';
      readonly handle: string;
      readonly name: string;
      readonly isCreating: boolean;
    })
  | (Sent & { readonly kind: 'openChannel'; readonly handle: string; readonly name: string })
  /** Of a checkpoint. */
  | (Sent & { readonly kind: 'change'; readonly handle: string; readonly token: string })
  | (Sent & {
      readonly kind: 'publish';
      readonly handle: string;
      readonly token: string;
      readonly id: bigint;
      readonly isRetained: boolean;
      readonly isShort: boolean;
      readonly pattern: string;
      readonly priority: number;
    })
  | (Sent & { readonly kind: 'clear'; readonly token: string; readonly id: bigint })
  | (Sent & { readonly kind: 'subscribe'; readonly handle: string; readonly place: string })
  /** Of the manager: what this process sends counts again. */
  | { readonly kind: 'marker'; readonly process: number }
  | { readonly kind: 'other' };

/** Retention that a run does not outlast, ms. */
export const FOREVER = 1e12;

const [CKPT, EVT] = [3, 4];
const [HELLO, END, MARKER] = [1, 3, 6];
/** Of the ring. */
const STAMP_SIZE = 12;
/** Last primary view, remembered view, whether all were seen, time. */
const VIEWS_AND_TIME_SIZE = 25;
const OTHER: Message = { kind: 'other' };

/** `bytes`: as group messaging gives it to the ring; `process`: the number of its sender's. */
export function readMessage(bytes: Buffer, process: number): Message {
  const [service, fn] = [bytes[0]!, bytes[1]!];
  if (service === 0) {
    if (fn === MARKER) return { kind: 'marker', process };
    if (fn < HELLO || fn > END) return OTHER;
    const origin = fn === HELLO ? originOf(process, new BodyReader(bytes.subarray(2))) : undefined;
    return { kind: 'synchronization', text: `${process} ${bytes.toString('latin1')}`, origin };
  }
  if (service !== CKPT && service !== EVT) return OTHER;
  const from = `${process}.${bytes.readUInt32LE(8)}`;
  const body = new BodyReader(Buffer.from(bytes.subarray(16)));
  return service === CKPT ? checkpointMessage(fn, from, body) : eventMessage(fn, from, body);
}

/** What a client asks for: `body` is that of its message. Undefined: it changes nothing that the checker follows. */
export function tokenOfRequest(service: number, fn: number, body: Buffer, from: string): string | undefined {
  if (service !== CKPT && service !== EVT) return undefined;
  const reader = new BodyReader(Buffer.from(body));
  const message = service === CKPT ? checkpointMessage(fn, from, reader) : eventMessage(fn, from, reader);
  return 'token' in message ? message.token : undefined;
}

function originOf(process: number, body: BodyReader): Origin {
  body.take(STAMP_SIZE);
  body.text();
  for (let members = body.u16(); members > 0; members--) body.u32();
  body.take(VIEWS_AND_TIME_SIZE);
  return { process, founder: body.text(), age: body.f64(), isBehind: body.bool() };
}

function checkpointMessage(fn: number, from: string, body: BodyReader): Message {
  if (fn === 12) return OTHER;
  if (fn === 1) {
    const handle = `${from}.${body.u32()}`;
    const flags = body.u8();
    return { kind: 'openCheckpoint', from, handle, name: body.text(), isCreating: (flags & 4) !== 0 };
  }
  if (fn < 4 || fn > 8) return OTHER;
  const handle = `${from}.${body.u32()}`;
  return { kind: 'change', from, handle, token: tokenOfChange(fn, body) };
}

function tokenOfChange(fn: number, body: BodyReader): string {
  switch (fn) {
    case 4:
      body.f64();
      body.bytes();
      return text(body.rest());
    case 5:
      return `delete ${body.rest().toString('latin1')}`;
    case 6: {
      const time = body.f64();
      return `expire ${body.rest().toString('latin1')} ${time}`;
    }
    case 7:
      body.u32();
      body.bytes();
      body.f64();
      return text(body.bytes());
    default:
      body.bytes();
      return text(body.rest());
  }
}

function eventMessage(fn: number, from: string, body: BodyReader): Message {
  if (fn === 1) {
    const handle = `${from}.${body.u32()}`;
    body.u8();
    return { kind: 'openChannel', from, handle, name: body.text() };
  }
  if (fn === 4) return publication(from, body);
  if (fn === 5) {
    const [handle, subscription] = [body.u32(), body.u32()];
    return { kind: 'subscribe', from, handle: `${from}.${handle}`, place: `${from}.${handle}.${subscription}` };
  }
  if (fn !== 7) return OTHER;
  body.u32();
  const id = body.u64();
  return { kind: 'clear', from, token: `clear ${id} ${from}`, id };
}

function publication(from: string, body: BodyReader): Message {
  const id = body.u64();
  const handle = `${from}.${body.u32()}`;
  const priority = body.u8();
  const retention = body.f64();
  body.text();
  const patterns = Array.from({ length: body.u8() }, () => body.bytes().toString());
  const token = text(body.rest());
  const [isRetained, isShort] = [retention > 0, retention < FOREVER];
  return { kind: 'publish', from, handle, token, id, isRetained, isShort, pattern: patterns[0] ?? '', priority };
}

function text(data: Buffer): string {
  return data.toString('latin1', 0, TOKEN_LENGTH);
}
