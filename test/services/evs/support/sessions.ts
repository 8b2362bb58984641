/** Sessions of EVS, without the library. */
import type { ConfigurationEvent, EvsDelivery, EvsRefusal, EvsSessionPort, EvsSink } from '../../../../src/ipc/evs.js';
import type { Stack } from '../../../gmi/support/stacks.js';

export const HIGH = 1;
export const MEDIUM = 2;
export const LOW = 3;
export const PATIENT = { isWaiting: true };

/** Notes what is delivered to a session. */
export class Heard implements EvsSink {
  readonly messages: string[] = [];
  readonly configurations: string[] = [];
  readonly lists = new Set<readonly string[]>();
  /** What it answers: false stops the reading. */
  hasRoom = true;

  message(delivery: EvsDelivery): boolean {
    const { groups, sender, memory, start, end, isSafe, priority } = delivery;
    this.lists.add(groups);
    const text = memory.toString('latin1', start, end);
    this.messages.push(
      `${sender} ${groups} ${text}${isSafe ? ' safe' : ''}${priority === MEDIUM ? '' : ` p${priority}`}`,
    );
    return this.hasRoom;
  }

  configuration({ kind, members }: ConfigurationEvent): boolean {
    this.configurations.push(`${kind} ${members}`);
    return true;
  }

  endOfBatch(): void {}

  ended(): void {}
}

export interface Client {
  readonly stack: Stack;
  readonly heard: Heard;
  readonly session: EvsSessionPort;
}

export function join(stack: Stack, ...groups: string[]): Client {
  const heard = new Heard();
  return { stack, heard, session: open(stack, heard, ...groups) };
}

/** In process a session is opened at once. */
export function open(stack: Stack, sink: EvsSink, ...groups: string[]): EvsSessionPort {
  let session: EvsSessionPort | EvsRefusal | undefined;
  stack.evs.connect().open(sink, groups, PATIENT, (opened) => {
    session = opened;
  });
  return session as unknown as EvsSessionPort;
}

/** Index of the first group that is not joined; -1: all were left. */
export function leave({ session }: Client, groups: string[]): number | undefined {
  let index: number | undefined;
  session.leave(groups, PATIENT, (refusal) => {
    index = refusal === undefined ? -1 : refusal.index;
  });
  return index;
}

export function send(
  { session }: Client,
  text: string,
  to?: string[],
  priority: 1 | 2 | 3 = MEDIUM,
  isSafe = false,
): boolean {
  return session.destination(to, priority, isSafe).send(Buffer.from(text));
}
