/** The end (totem 1.14, A16): the ring is frozen, the others are told a few times, and nothing more is done. */
import type { Context, DeadlineName, Eviction, State } from './context.js';
import { LEAVE_COUNT } from './timers.js';

export class Leaving implements State {
  readonly name = 'leaving';
  private readonly context: Context;
  private readonly eviction: Eviction | undefined;
  private readonly end: () => void;
  private sent = 0;

  /** `eviction`: it was not asked for. `end`: nothing is left to do. */
  constructor(context: Context, eviction: Eviction | undefined, end: () => void) {
    this.context = context;
    this.eviction = eviction;
    this.end = end;
  }

  enter(): void {
    this.context.disarm('drain');
    if (this.context.installed !== undefined) this.context.freezeInstalled();
    this.timer('leave');
  }

  settled(): void {}

  event(): void {}

  timer(name: DeadlineName): void {
    const { context, eviction } = this;
    if (name !== 'leave') return;
    if (this.sent < LEAVE_COUNT && context.installed !== undefined) {
      this.sent += 1;
      context.send(0, { packet: 'leave', body: { ring: context.installed.id } });
      context.arm('leave', context.timers.leaveRepeat);
      return;
    }
    context.emit(eviction === undefined ? { type: 'left' } : { type: 'selfEvict', ...eviction });
    this.end();
  }
}

/** Nothing happens any more. */
export class Left implements State {
  readonly name = 'left';

  enter(): void {}
  event(): void {}
  timer(): void {}
  settled(): void {}
}
