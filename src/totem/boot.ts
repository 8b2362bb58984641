/** The time before the first ring (totem 1.14): a ring of this process alone, with a sequence above all that an earlier life used. It
 *  runs at once, and announces itself; it does not form itself again and again. */
import type { CoreEvent } from './boundary.js';
import type { Context, RingRecord, State } from './context.js';

export class Boot implements State {
  readonly name = 'boot';
  private readonly context: Context;
  private readonly ring: RingRecord;
  private isCreated = false;

  constructor(context: Context) {
    this.context = context;
    const { self, random, sequence } = context;
    const id = { representative: self.node, nonce: random.u32(), seq: sequence.next() };
    this.ring = { handle: context.newHandle(), id, members: [self] };
  }

  enter(): void {}

  settled(): void {
    const { context, ring } = this;
    if (this.isCreated || !context.sequence.covers(ring.id.seq)) return;
    this.isCreated = true;
    const { window, acceleratedWindow } = context.config;
    const { handle, id, members } = ring;
    context.command({ type: 'createRing', handle, ring: id, window, acceleratedWindow, members });
    context.command({ type: 'install', handle, old: 0, highDelivered: 0n, deliverMembers: [], transitional: [] });
  }

  event(event: CoreEvent): void {
    if (event.type === 'installed' && event.handle === this.ring.handle)
      this.context.to.operational(this.ring, 'booted');
  }

  timer(): void {}
}
