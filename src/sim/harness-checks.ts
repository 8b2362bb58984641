/** What holds between a core and who uses it: beyond the predicates, which are about what the cores recorded. */
import type { Member } from '../totem/boundary.js';
import { checkBank } from './bank.js';
import { checkStream } from './delivery-stream.js';
import type { Recorder } from './recorder.js';
import type { Finding } from './report.js';
import { checkServices, type Judged } from './services/checker/check.js';

/** `end`: the time of findings that have none of their own. */
export function checkHarness(recorder: Recorder, end: number, services?: Judged): Finding[] {
  const { processes, malformed } = recorder;
  const find = (predicate: Finding['predicate'], process: Member, time: number, text: string): Finding => {
    return { predicate, process, time, index: -1, text };
  };
  const streams = processes.flatMap((record) => {
    const text = checkStream(record);
    return text === undefined ? [] : [find('stream', record.process, end, text)];
  });
  const commands = malformed.map(({ process, time, command }) => {
    return find('boundary', process, time, `command ${command} of membership makes no sense to the core`);
  });
  const books = checkBank(processes).map(({ record, text }) => find('bank', record.process, end, text));
  if (services === undefined) return [...streams, ...commands, ...books];
  const served = checkServices(services).map(({ predicate, process, text }) => {
    return find(predicate, recorder.journal.processes.get(process)!, end, text);
  });
  return [...streams, ...commands, ...served];
}
