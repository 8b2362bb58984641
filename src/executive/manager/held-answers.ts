/**
 * Answers to changes that were safe only among those who came along: they wait until the state of the next configuration is settled,
 * and with it that all its members have them (pitfall 3).
 */
import { failure, type Outcome, type Service } from '../service.js';
import type { OrderedRequest } from './connection.js';
import type { Hello } from './hello.js';
import type { Plan } from './plan.js';

interface Held {
  readonly service: Service;
  readonly request: OrderedRequest;
  readonly outcome: Outcome;
}

const LOST = failure('SA_AIS_ERR_BAD_HANDLE', 'another component won the merge; open again');

export class HeldAnswers {
  #held: Held[] = [];

  add(service: Service, request: OrderedRequest, outcome: Outcome): void {
    this.#held.push({ service, request, outcome });
  }

  /** `own`: this node. Where another component's state was taken, what was changed here is lost. */
  settle(plan: Plan, hellos: ReadonlyMap<number, Hello>, own: number): void {
    const held = this.#held;
    this.#held = [];
    const lineage = hellos.get(own)?.lineage;
    for (const { service, request, outcome } of held) {
      const transfer = plan.transfers.find((each) => each.service === service.number);
      const source = transfer === undefined ? lineage : hellos.get(transfer.parts[0]!.members[0]!)?.lineage;
      const isKept = source === lineage || service.replica?.mergeKeepsAll === true;
      request.connection.answer(request.tag, isKept ? outcome : LOST);
    }
  }
}
