import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Measured } from '../../src/observe/metrics.js';
import { metrics } from '../../src/observe/metrics.js';
import { renderMetrics } from '../../src/observe/prometheus.js';
import { measured } from './measured.js';

/** docs/METRICS.md says what the table says; `npm test -- metrics -u` writes it. */
const documentFile = join(import.meta.dirname, '../../docs/METRICS.md');

const introduction = `# Metrics and health

With \`metrics { listen: 127.0.0.1:9190 }\` the executive answers over HTTP, \`GET\` and \`HEAD\` alone:

| path | answer |
|---|---|
| \`/metrics\` | the figures below, in the text format 0.0.4 of Prometheus |
| \`/livez\` | 200 if the process is alive: its ring thread moves, and the loop of JavaScript answers at all. Else start it again. |
| \`/readyz\` | 200 if it may be asked: a member of a configuration, its services synchronised, inside of the primary component, not leaving. Else 503: wait. |

\`?verbose\` lists every check; without it only those that fail are listed.

On another address than 127.0.0.0/8 a token is needed: \`token_file\` names the file, and whoever asks brings it as
\`Authorization: Bearer TOKEN\`. Everywhere the header \`Host\` has to be the address itself, a name of \`hosts\`, or on loopback \`localhost\`:
so a page in somebody's browser cannot lead its own name here. At most 32 connections are served at a time, a request has 5 s and 8 KiB.

\`\`\`yaml
scrape_configs:
  - job_name: openais
    authorization: { credentials_file: /etc/prometheus/openais.token }   # not needed on loopback
    static_configs: [{ targets: ['192.0.2.10:9190'] }]
\`\`\`

What to watch: \`openais_ready\` is 0 for longer than a change of membership takes; \`openais_membership_entered_total{state="gather"}\` rises
although nobody was started or stopped; \`openais_ring_data_retransmitted_total\` and \`openais_io_receive_overflows_total\` rise (receive
buffers are too small, or the network loses packets); \`openais_ring_packets_dropped_total{reason="notAuthentic"}\` rises (somebody has
another key).

Reading costs nothing but the reading: counters stand in memory of the ring thread. This page is made from the table that the metrics come
from (src/observe/metrics.ts).

| metric | type | labels | |
|---|---|---|---|
`;

test('The reference of all metrics is that of the table', async () => {
  const rows = metrics.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |\n`,
  );
  await expect(introduction + rows.join('')).toMatchFileSnapshot(documentFile);
});

test('Names are unique and of one form, and each says what it is', () => {
  const names = metrics.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type, help } of metrics) {
    expect(name).toMatch(/^openais_[a-z][a-z_]*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^[^\n|\\]+\.?$/);
  }
});

/** As Prometheus reads it: name, labels and value of each sample. */
function parse(text: string) {
  const samples: { name: string; labels: string[]; value: number }[] = [];
  const described = new Map<string, string>();
  for (const line of text.trimEnd().split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      described.set(`${comment[1]} ${comment[2]}`, comment[3]!);
      continue;
    }
    const sample = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+)\})? (-?[0-9.e+-]+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const labels = [...(sample![2] ?? '').matchAll(/([a-z]+)="/g)].map(([, label]) => label!);
    samples.push({ name: sample![1]!, labels, value: Number(sample![3]) });
  }
  return { samples, described };
}

test('What is told is what the table has, all of it, with the labels that it names', () => {
  const { samples, described } = parse(renderMetrics(measured()));
  expect([...new Set(samples.map(({ name }) => name))]).toEqual(metrics.map(({ name }) => name));
  for (const { name, type, help, labels } of metrics) {
    expect(described.get(`TYPE ${name}`)).toBe(type);
    expect(described.get(`HELP ${name}`)).toBe(help);
    for (const sample of samples) if (sample.name === name) expect(sample.labels, name).toEqual(labels);
  }
  expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
});

test('Each counter of the ring and of its sockets is told, by its value', () => {
  const text = renderMetrics(measured());
  const told = parse(text).samples.map(({ value }) => value);
  const { ring } = measured();
  const { io, dropped, rotationMeanNs, rotationBoundNs, ...counters } = ring!;
  const values = [...Object.values(counters), ...Object.values(io), ...Object.values(dropped)];
  expect(values.filter((value) => !told.includes(value as number))).toEqual([]);
  expect(text).toContain(`\nopenais_ring_rotation_seconds ${rotationMeanNs / 1e9}\n`);
  expect(text).toContain(`\nopenais_ring_rotation_bound_seconds ${rotationBoundNs / 1e9}\n`);
});

test('Without a ring its figures are left out; labels are escaped', () => {
  const text = renderMetrics({ ...measured(), ring: undefined, clusterName: 'a "b" \\ c\nd' } satisfies Measured);
  expect(text).not.toContain('openais_ring_');
  expect(text).toContain('cluster="a \\"b\\" \\\\ c\\nd"');
  parse(text);
});
