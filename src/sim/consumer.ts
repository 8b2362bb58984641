/** The application that reads deliveries: when it likes, as much as it likes. It notes what it saw and checks every message it reads. */
import { walkDeliveries } from '../native/deliveries.js';
import { FrameMemory } from '../native/frames.js';
import type { RingCore } from '../native/ring-core.js';
import type { DeliveredConfiguration, RingId } from '../totem/boundary.js';
import { checkContent } from './message-content.js';

export interface ConsumerPlan {
  /** ns between two reads, if there is something to read. */
  readonly interval: number;
  /** Bytes a read at most. */
  readonly bytes: number;
}

/** A message or a configuration, in the order in which the application got them. */
export type Delivered =
  | {
      readonly kind: 'message';
      readonly sender: number;
      readonly priority: number;
      readonly safe: boolean;
      readonly ordinal: number;
      readonly seqLow: number;
      readonly seqHigh: number;
      readonly length: number;
      readonly labelLow: number;
      readonly labelHigh: number;
    }
  | { readonly kind: 'configuration'; readonly change: DeliveredConfiguration };

/** Who is given what is read, as well. */
export interface Reader {
  message(sender: number, priority: number, flags: number, bytes: Uint8Array): void;
  configuration(change: DeliveredConfiguration): void;
  endOfBatch(): void;
}

const SAFE = 1;
/** A frame is at most half of the memory: with less than so much of it in use there is room. */
const CROWDED_SHARE = 4;

export class Consumer {
  readonly delivered: Delivered[] = [];
  /** What was wrong with the first bad message. */
  damage: string | undefined;
  /** A read took so much that the memory may have been full: then what was to be delivered at once was delivered in parts. */
  wasCrowded = false;
  /** The regular configuration that the application is in, as far as it has read. */
  ring: RingId | undefined;
  private readonly core: RingCore;
  private plan: ConsumerPlan;
  private readonly memory: number;
  private readonly onDelivered: ((delivered: Delivered) => void) | undefined;
  /** Its messages have contents of their own: they are not checked here. */
  private readonly reader: Reader | undefined;
  private nextRead = 0;
  private stalledUntil = 0;

  /** `memory`: bytes of the deliveries that may wait. */
  constructor(
    core: RingCore,
    plan: ConsumerPlan,
    memory: number,
    onDelivered?: (delivered: Delivered) => void,
    reader?: Reader,
  ) {
    this.reader = reader;
    this.core = core;
    this.memory = memory;
    this.plan = plan;
    this.onDelivered = onDelivered;
  }

  /** Takes nothing before `time`. */
  stallUntil(time: number): void {
    this.stalledUntil = Math.max(this.stalledUntil, time);
  }

  /** From now on it takes all there is at once. */
  hurry(): void {
    this.plan = { interval: 0, bytes: this.memory };
    this.stalledUntil = this.nextRead = 0;
  }

  /** Reads what is there. When it wants to read again: Infinity if it waits to be told. */
  read(now: number): { readonly next: number; readonly took: boolean } {
    const due = Math.max(this.nextRead, this.stalledUntil);
    if (now < due) return { next: due, took: false };
    const frames = this.core.takeDeliveries(this.plan.bytes);
    if (frames === null) return { next: Number.POSITIVE_INFINITY, took: false };
    this.nextRead = now + this.plan.interval;
    if (frames.length * CROWDED_SHARE >= Math.min(this.plan.bytes, this.memory)) this.wasCrowded = true;
    const memory = new FrameMemory(frames);
    walkDeliveries(memory, 0, frames.length, {
      message: (sender, priority, flags, ordinal, seqLow, seqHigh, start, end) => {
        const bytes = frames.subarray(start, end);
        const wrong = this.reader === undefined ? checkContent(bytes) : undefined;
        if (wrong !== undefined) this.damage ??= wrong;
        const [labelLow, labelHigh] = labelWords(bytes);
        const safe = (flags & SAFE) !== 0;
        const length = bytes.length;
        this.note({ kind: 'message', sender, priority, safe, ordinal, seqLow, seqHigh, length, labelLow, labelHigh });
        this.reader?.message(sender, priority, flags, bytes);
      },
      configuration: (change) => {
        this.ring = change.kind === 'regular' ? change.ring : undefined;
        this.note({ kind: 'configuration', change });
        this.reader?.configuration(change);
      },
    });
    this.reader?.endOfBatch();
    return { next: this.nextRead, took: true };
  }

  private note(delivered: Delivered): void {
    this.delivered.push(delivered);
    this.onDelivered?.(delivered);
  }
}

function labelWords(bytes: Uint8Array): [number, number] {
  const words: [number, number] = [0, 0];
  for (let i = 0; i < Math.min(bytes.length, 8); i++) {
    const word = i < 4 ? 0 : 1;
    words[word] = (words[word] as number) + (bytes[i] as number) * 2 ** (8 * (i % 4));
  }
  return words;
}
