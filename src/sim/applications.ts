/** What holds for the applications of a run, from what they read: beyond the predicates, which are about what the cores recorded. */
import { checkBank } from './bank.js';
import { checkStream } from './delivery-stream.js';
import type { ProcessRecord } from './recorder.js';
import type { Finding } from './report.js';

/** `end`: the time that findings carry. */
export function checkApplications(records: readonly ProcessRecord[], end: number): Finding[] {
  const at = ({ process }: ProcessRecord) => ({ process, time: end, index: -1 });
  const streams = records.flatMap((record): Finding[] => {
    const text = checkStream(record);
    return text === undefined ? [] : [{ predicate: 'stream', ...at(record), text }];
  });
  return [
    ...streams,
    ...checkBank(records).map(({ record, text }): Finding => ({ predicate: 'bank', ...at(record), text })),
  ];
}
