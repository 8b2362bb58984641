/** One line of fixed width an event: time, process, what kind, and what. `npm run sim -- --seed S --trace` prints them. */
import type { CoreEvent, Member, RingId } from '../totem/boundary.js';
import type { Output } from '../totem/membership.js';
import { describeAction } from './actions.js';
import type { TraceEvent } from './checker/trace.js';
import type { Observer } from './observer.js';
import { formatTime } from './time.js';

const WHO_WIDTH = 8;
const KIND_WIDTH = 9;
const LINE_WIDTH = 160;

export interface TraceOptions {
  /** Every datagram too. */
  readonly packets: boolean;
  /** Characters of a line; left out: 160. Infinity: as long as they are. */
  readonly width?: number;
}

/** Incarnations are long numbers: a process is shown as node and which life of it this is, 3.2 say. */
export class ProcessNames {
  private readonly lives = new Map<number, bigint[]>();

  name({ node, incarnation }: Member): string {
    const lives = this.lives.get(node) ?? [];
    this.lives.set(node, lives);
    let life = lives.indexOf(incarnation);
    if (life < 0) life = lives.push(incarnation) - 1;
    return `${node}.${life + 1}`;
  }
}

export function ringText(ring: RingId): string {
  if (ring.representative === 0) return 'none';
  return `${ring.seq}@${ring.representative}/${ring.nonce.toString(16).padStart(8, '0')}`;
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return Number(item);
    if (isRing(item)) return ringText(item);
    return item instanceof Uint8Array ? Buffer.from(item).toString('hex') : item;
  });
}

function isRing(value: unknown): value is RingId {
  return typeof value === 'object' && value !== null && 'nonce' in value && 'representative' in value;
}

/** Calls `print` with each line. */
export function traceObserver(options: TraceOptions, print: (line: string) => void): Observer {
  const names = new ProcessNames();
  const { width = LINE_WIDTH } = options;
  const line = (time: number, who: string, kind: string, text: string): void => {
    const start = `${formatTime(time)} ${who.padEnd(WHO_WIDTH)} ${kind.padEnd(KIND_WIDTH)} ${text}`;
    if (width === Number.POSITIVE_INFINITY) print(start);
    else print(start.length > width ? `${start.slice(0, width - 1)}…` : start.padEnd(width));
  };
  return {
    action: (time, action) => line(time, 'harness', 'action', describeAction(action)),
    life: (time, process, what) => line(time, names.name(process), 'process', what),
    event: (time, process, event) => line(time, names.name(process), 'event', eventText(event, names)),
    output: (time, process, output) => line(time, names.name(process), output.type, outputText(output)),
    trace: (time, process, event) => line(time, names.name(process), event.kind, traceText(event, names)),
    read: (time, process, delivered) =>
      line(time, names.name(process), 'read', delivered.kind === 'message' ? plain(delivered) : delivered.change.kind),
    submitted: (time, process, record) => line(time, names.name(process), 'submit', plain(record)),
    packet: (time, fate, from, to, socket, bytes) => {
      if (!options.packets) return;
      line(
        time,
        `${from} > ${to}`,
        'packet',
        `${fate.padEnd(9)} ${socket.padEnd(5)} ${String(bytes.length).padStart(5)} bytes`,
      );
    },
  };
}

function eventText(event: CoreEvent, names: ProcessNames): string {
  const { type, ...rest } = event;
  if (event.type !== 'control') return `${type} ${plain(rest)}`;
  return `${event.packet} from ${names.name(event.sender)} ${plain(event.body)}`;
}

function outputText(output: Output): string {
  switch (output.type) {
    case 'command': {
      const { type, ...rest } = output.command;
      return `${type} ${plain(rest)}`;
    }
    case 'state':
      return `${output.from} > ${output.to}: ${output.reason}`;
    case 'persist':
      return String(output.ringSeq);
    case 'left':
      return '';
    case 'selfEvict':
      return output.reason;
  }
}

function traceText(event: TraceEvent, names: ProcessNames): string {
  switch (event.kind) {
    case 'start':
      return `incarnation ${event.incarnation}`;
    case 'freeze':
      return ringText(event.ring);
    case 'configuration': {
      const members = event.members.map((member) => names.name(member)).join(' ');
      return `${event.configuration} ${ringText(event.ring)} from ${ringText(event.old)}: ${members}`;
    }
    case 'send':
    case 'deliver': {
      const { ring, seq, ordinal, origin, priority, safe, length, label } = event;
      const what = `${safe ? 'safe' : 'agreed'} ${priority} ${length} bytes ${label.toString(16).padStart(16, '0')}`;
      return `${ringText(ring)} ${seq}.${ordinal} of ${origin}: ${what}`;
    }
  }
}
