/** Sessions of EVS, without the library. */
import type { ConfigurationEvent, EvsDelivery, EvsSink } from '../../../../src/ipc/evs.js';
import type { Destination, EvsSessionHandler } from '../../../../src/services/evs/session.js';
import { packed } from '../../../gmi/support/packed.js';
import type { Stack } from '../../../gmi/support/stacks.js';

export const HIGH = 1;
export const MEDIUM = 2;
export const LOW = 3;

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
  readonly session: EvsSessionHandler;
}

export function join(stack: Stack, ...groups: string[]): Client {
  const heard = new Heard();
  return { stack, heard, session: open(stack, heard, ...groups) };
}

/** What it is when it was refused, a test knows. */
export function open(stack: Stack, sink: EvsSink, ...groups: string[]): EvsSessionHandler {
  return stack.evs.open(sink, groups) as EvsSessionHandler;
}

/** Index of the first group that is not joined; -1: all were left. */
export function leave({ session }: Client, groups: string[]): number | undefined {
  const refusal = session.leave(groups);
  return refusal === undefined ? -1 : refusal.index;
}

export function send(
  { session }: Client,
  text: string,
  to?: string[],
  priority: 1 | 2 | 3 = MEDIUM,
  isSafe = false,
): boolean {
  return sendTo(session.destination(to, priority, isSafe), text);
}

/** False: it was refused. */
export function sendTo(destination: Destination, text: string): boolean {
  const memory = packed(text);
  return destination.sendPacked(memory, 0, memory.length) === memory.length;
}
