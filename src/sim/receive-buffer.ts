/**
 * A UDP socket's receive buffer as the kernel keeps it: bounded in bytes, each datagram charged with what the kernel spends on it;
 * what does not fit is dropped and counted. This is the main cause of loss on a real ring (totem 1.7).
 */

/** Bytes that the kernel charges for a datagram besides its contents. */
export const DATAGRAM_CHARGE = 768;

export interface Datagram {
  /** Index of the node that sent it. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

export class ReceiveBuffer {
  overflows = 0;
  private readonly capacity: number;
  private items: Datagram[] = [];
  private head = 0;
  private charged = 0;

  /** `capacity` in bytes, as SO_RCVBUF reads back. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.items.length - this.head;
  }

  /** False: no room, dropped. An empty buffer takes any one datagram, as Linux does. */
  push(datagram: Datagram): boolean {
    const charge = datagram.bytes.length + DATAGRAM_CHARGE;
    if (this.charged > 0 && this.charged + charge > this.capacity) {
      this.overflows++;
      return false;
    }
    this.charged += charge;
    this.items.push(datagram);
    return true;
  }

  shift(): Datagram | undefined {
    const datagram = this.items[this.head];
    if (datagram === undefined) return undefined;
    this.charged -= datagram.bytes.length + DATAGRAM_CHARGE;
    this.head++;
    if (this.head === this.items.length || this.head > 1024) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return datagram;
  }
}
