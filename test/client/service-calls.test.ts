import { expect, test } from 'vitest';
import { Aborts } from '../../src/client/aborts.js';
import { Calls } from '../../src/client/calls.js';
import { Deadlines } from '../../src/client/deadlines.js';
import { ServiceCalls } from '../../src/client/service-calls.js';
import type { Answer, LibraryLink } from '../../src/ipc/link.js';

const PATIENT = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' } as const;

/** A link whose executive gives every request the same answer. */
function callsAnswered(answer: Answer): ServiceCalls {
  const request: LibraryLink['request'] = (_service, _fn, _flags, _body, answered) => {
    queueMicrotask(() => answered?.(answer));
    return 1;
  };
  const link = { request, whenRoom: () => () => {}, cancel: () => {} } as unknown as LibraryLink;
  return new ServiceCalls(link, 3, new Calls(new Deadlines(), new Aborts()), PATIENT);
}

const call = { operation: 'ckpt.write', options: undefined, fn: 7, body: Buffer.alloc(0), result: () => {} };

test('A refusal had no effect, unless the executive cannot tell', async () => {
  const refusal = { code: 'SA_AIS_ERR_BAD_HANDLE', what: 'lost' } as const;
  await expect(callsAnswered(refusal).call(call)).rejects.toMatchObject({ outcome: 'none' });
  const unclear = callsAnswered({ ...refusal, mayHaveEffect: true });
  await expect(unclear.call(call)).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE', outcome: 'unknown' });
  await expect(unclear.call({ ...call, hasEffect: false })).rejects.toMatchObject({ outcome: 'none' });
});
