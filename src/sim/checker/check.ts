/**
 * Is a history one that extended virtual synchrony allows? Written from the predicates E1 to E18 and E21 to E24 of the
 * specification (docs/CHECKER.md), and knowing nothing of how the ring is built.
 */

import { checkApi } from './api.js';
import { checkAtomicity } from './atomicity.js';
import { checkBounds } from './bounds.js';
import { checkCausality } from './causality.js';
import { checkConfigurations } from './configurations.js';
import { checkDurability } from './durability.js';
import { Findings, memberText } from './findings.js';
import { checkHappenedBefore } from './happened-before.js';
import type { History, Violation } from './history.js';
import { indexHistory } from './index-history.js';
import { checkIntegrity } from './integrity.js';
import { checkLiveness } from './liveness.js';
import { checkOrder } from './order.js';
import { checkProgress } from './progress.js';
import { checkSafe } from './safe.js';
import { checkSelfDelivery } from './self-delivery.js';
import { checkSilence } from './silence.js';
import { matchSubmits } from './submits.js';

/**
 * All violations, the first in time first; empty if the history is legal. One cause may show in several predicates.
 * Throws TypeError if the history itself makes no sense: two traces of one process, or a calm that names a process
 * without one.
 */
export function check(history: History): Violation[] {
  const index = indexHistory(history);
  const findings = new Findings(history);
  checkConfigurations(index, findings);
  checkIntegrity(index, findings);
  checkHappenedBefore(index, findings);
  checkSelfDelivery(index, findings);
  checkAtomicity(index, findings);
  checkCausality(index, findings);
  checkOrder(index, findings);
  checkSafe(index, findings);
  checkLiveness(index, findings);
  const submits = matchSubmits(index);
  checkApi(index, submits, findings);
  checkProgress(index, submits, findings);
  checkBounds(index, findings);
  checkSilence(index, findings);
  checkDurability(index, findings);
  return findings.sorted();
}

/** One line: predicate, process, time in milliseconds, event, and what is wrong. */
export function formatViolation({ predicate, process, time, index, text }: Violation): string {
  const event = index < 0 ? '' : `, event ${index}`;
  return `${predicate} at ${memberText(process)}, ${(time / 1e6).toFixed(6)} ms${event}: ${text}`;
}
