/** Answers of the executive, as EVS is told of them. */
import type { EvsSettle } from '../../ipc/evs.js';
import type { Answer } from '../../ipc/link.js';

export function settleWith(settle: EvsSettle): (answer: Answer) => void {
  return (answer) => {
    if (answer.code === 'SA_AIS_OK') settle();
    else settle(answer);
  };
}
