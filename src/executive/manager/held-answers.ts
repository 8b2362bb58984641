/**
 * Answers to changes that were safe only among those who came along: they wait until the state of the next configuration is settled,
 * and with it that all its members have them (pitfall 3).
 */
import { BodyReader } from '../../ipc/body.js';
import { type Outcome, type Service, uncertain } from '../service.js';
import type { OrderedRequest } from './connection.js';
import type { Hello } from './hello.js';
import type { Plan } from './plan.js';

export interface Held {
  readonly service: Service;
  readonly request: OrderedRequest;
  readonly outcome: Outcome;
}

/** Whoever else had it delivered may be part of the state that was taken. */
const LOST = uncertain('SA_AIS_ERR_BAD_HANDLE', 'another component won the merge; open again');

export class HeldAnswers {
  readonly #held: Held[] = [];

  add(service: Service, request: OrderedRequest, outcome: Outcome): void {
    this.#held.push({ service, request, outcome });
  }

  /** What waits for the present configuration. What is added from now on waits for the next. */
  take(): readonly Held[] {
    return this.#held.splice(0);
  }

  /**
   * The state of a configuration is settled, for which `held` waited. `own`: this node. Where another component's state was taken, what
   * was changed here is lost; the rest is answered if the component is primary, and waits on if it is not.
   */
  settle(held: readonly Held[], plan: Plan, hellos: ReadonlyMap<number, Hello>, own: number, isPrimary: boolean): void {
    const lineage = hellos.get(own)?.lineage;
    for (const each of held) {
      const { service, request, outcome } = each;
      const transfer = plan.transfers.find((other) => other.service === service.number);
      const source = transfer === undefined ? lineage : hellos.get(transfer.parts[0]!.members[0]!)?.lineage;
      const isAsked = transfer?.isMerge === true && service.replica?.isKept !== undefined;
      const isKept = isAsked ? survives(each) : source === lineage;
      if (!isKept) request.connection.answer(request.tag, LOST);
      else if (isPrimary) request.connection.answer(request.tag, outcome);
      else this.#held.push(each);
    }
  }
}

function survives({ service, request: { fn, connection, body } }: Held): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return service.replica?.isKept?.({ fn, connection: connection.id, body: new BodyReader(bytes) }) ?? false;
}
