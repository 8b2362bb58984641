import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FLIGHT_FILES_MAX, FlightRecorder } from '../../src/observe/flight-recorder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function makeRecorder(capacity: number, directory = folder) {
  const written: [string, number][] = [];
  const failures: Error[] = [];
  const recorder = new FlightRecorder({
    directory,
    node: 7,
    capacity,
    onWritten: (file, records) => written.push([file, records]),
    onFailure: (error) => failures.push(error),
  });
  return { recorder, written, failures };
}

const fill = (recorder: FlightRecorder, count: number) => {
  for (let i = 0; i < count; i++) recorder.add({ time: i, kind: 'x', i });
};

test.each([
  [3, [0, 1, 2]],
  [4, [0, 1, 2, 3]],
  [9, [5, 6, 7, 8]],
])('Of %i records the last four are kept, oldest first', (count, kept) => {
  const { recorder } = makeRecorder(4);
  fill(recorder, count);
  expect(recorder.records.map(({ i }) => i)).toEqual(kept);
});

test('Changes in a row are one file, with a line of JSON for each record', async () => {
  const { recorder, written } = makeRecorder(10);
  recorder.changed();
  recorder.add({ time: 1000, kind: 'input', ring: 2n ** 63n, members: [1, 2] });
  recorder.changed();
  await vi.waitFor(() => expect(written).toHaveLength(1), { timeout: 5000 });
  const [[file, records] = ['', 0]] = written;
  expect(records).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe(
    '{"time":"1970-01-01T00:00:01.000Z","kind":"input","ring":"9223372036854775808","members":[1,2]}\n',
  );
  expect(readdirSync(folder)).toHaveLength(1);
});

test('Without a change flush() writes nothing; with one it does not wait', async () => {
  const { recorder, written } = makeRecorder(10);
  fill(recorder, 1);
  await recorder.flush();
  expect(written).toEqual([]);
  recorder.changed();
  await recorder.flush();
  expect(written).toHaveLength(1);
});

test('The oldest files go, those of other nodes stay', async () => {
  const { recorder, written } = makeRecorder(10);
  writeFileSync(join(folder, 'flight-8-20000101T000000.000Z.jsonl'), '');
  writeFileSync(join(folder, 'node-7.state'), '');
  for (let i = 0; i < FLIGHT_FILES_MAX + 3; i++) {
    recorder.changed();
    await recorder.flush();
    await delay(2);
  }
  const left = readdirSync(folder).sort();
  const last = written.slice(-FLIGHT_FILES_MAX).map(([file]) => file.slice(folder.length + 1));
  expect(left).toEqual([...last, 'flight-8-20000101T000000.000Z.jsonl', 'node-7.state'].sort());
});

test('With no capacity nothing is kept or written', async () => {
  const { recorder, written } = makeRecorder(0);
  fill(recorder, 3);
  recorder.changed();
  await recorder.flush();
  expect([recorder.records, written]).toEqual([[], []]);
});

test('A folder that cannot be written is told, and is no reason to end', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { recorder, failures } = makeRecorder(4, join(folder, 'file', 'below'));
  recorder.changed();
  await recorder.flush();
  expect(failures).toMatchObject([{ code: 'ENOTDIR' }]);
});
