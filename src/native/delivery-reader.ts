/** Reads deliveries where the ring thread wrote them, for as long as the application takes them and time is left. */

import type { DeliveryVisitor, MessageFrame } from '../gmi/port.js';
import { ByteReader } from './bytes.js';
import { decodeConfiguration } from './deliveries.js';
import { FRAME_HEADER_BYTES, padded } from './frames.js';

const PADDING = 0;
const MESSAGE = 1;
const CONFIGURATION = 2;
/** u32 sender, u32 ordinal, u64 seq. */
const MESSAGE_HEAD_BYTES = 16;

/** How many frames are read between two looks at the clock: a look costs as much as a small message. */
const FRAMES_PER_LOOK = 16;

/** One for all messages: an object for each would cost more than all the rest. */
class ReusedFrame implements MessageFrame {
  priority = 0;
  flags = 0;
  sender = 0;
  start = 0;
  end = 0;
  at = 0;
  readonly memory: Buffer;

  constructor(memory: Buffer) {
    this.memory = memory;
  }
}

export class DeliveryReader {
  /**
   * What lies before is consumed, and may be given back. Counts on for ever; modulo the memory's size it is an offset.
   */
  position = 0;
  readonly #memory: Buffer;
  readonly #view: DataView;
  readonly #visitor: DeliveryVisitor;
  readonly #frame: ReusedFrame;

  /** `memory` is that of the whole ring. */
  constructor(memory: ArrayBuffer, visitor: DeliveryVisitor) {
    this.#memory = Buffer.from(memory);
    this.#view = new DataView(memory);
    this.#visitor = visitor;
    this.#frame = new ReusedFrame(this.#memory);
  }

  /**
   * Reads on to position `head`, until `deadline` of performance.now(). False: the visitor takes no more.
   * @throws {Error} The addon is another one than this code is for; or what the visitor throws, whose frame is
   * consumed.
   */
  read(head: number, deadline: number): boolean {
    for (let frames = 1; this.position < head; frames++) {
      if (!this.#next(head)) return false;
      if (frames % FRAMES_PER_LOOK === 0 && performance.now() >= deadline) break;
    }
    return true;
  }

  #next(head: number): boolean {
    const view = this.#view;
    const at = this.position % view.byteLength;
    const size = view.getUint32(at, true);
    const end = at + size;
    const next = this.position + padded(size);
    if (size < FRAME_HEADER_BYTES || end > view.byteLength || next > head)
      throw new Error(`no frame at ${at}: size ${size}, ${head - this.position} bytes of ${view.byteLength} left`);
    this.position = next;
    const type = view.getUint8(at + 4);
    const body = at + FRAME_HEADER_BYTES;
    if (type === MESSAGE) {
      const frame = this.#frame;
      frame.priority = view.getUint8(at + 5);
      frame.flags = view.getUint8(at + 6);
      frame.sender = view.getUint32(body, true);
      frame.start = body + MESSAGE_HEAD_BYTES;
      frame.end = end;
      frame.at = at;
      return this.#visitor.message(frame);
    }
    if (type === CONFIGURATION) {
      const isTransitional = view.getUint8(at + 5) !== 0;
      return this.#visitor.configuration(decodeConfiguration(isTransitional, new ByteReader(view, body, end)));
    }
    if (type === PADDING) return true;
    throw new Error(`no delivery has type ${type}`);
  }
}
