// A document for people: a table that fits 80 columns.

const WIDTH = 80;

/** @param {Record<string, any>} document */
export function table(document) {
  const { workload, parameters, machine, commit } = document;
  const head = `${workload}: ${Object.entries(parameters)
    .map(([key, value]) => (value === true ? key : `${key} ${value}`))
    .join(', ')}\n${machine}; commit ${commit}`;
  return `${[wrapped(head), ...bodies(document)].join('\n\n')}\n`;
}

/** @param {Record<string, any>} document @returns {string[]} */
function bodies(document) {
  if (document.points) return [pointTable(document.points)];
  if (document.messagesPerSecond !== undefined) return [figureTable(document)];
  if (document.milliseconds) return [timeTable(document)];
  const { workload, parameters, machine, commit, ...rest } = document;
  return [aligned(rowsOf(rest))];
}

/** Columns by system, a block of lines by fault. @param {Record<string, any>} document */
function timeTable({ milliseconds, peer }) {
  const systems = [['openais', milliseconds], ...(peer ? [[peer.name, peer.milliseconds]] : [])];
  const kinds = ['median', 'p99', 'minimum', 'maximum'];
  return aligned([
    ['ms', '', ...kinds],
    ...Object.keys(milliseconds).flatMap((fault) =>
      systems.map(([name, times], index) => [
        index === 0 ? fault : '',
        name,
        ...kinds.map((kind) => short(times[fault]?.[kind])),
      ]),
    ),
  ]);
}

/** Names of what lies within another are put together. @param {Record<string, any>} figures @returns {string[][]} */
function rowsOf(figures) {
  return Object.entries(figures).flatMap(([name, value]) => {
    if (
      typeof value !== 'object' ||
      value === null ||
      value.every?.((/** @type {any} */ each) => typeof each !== 'object')
    )
      return [[name, several(value)]];
    return rowsOf(value).map(([inner = '', ...rest]) => [`${name} ${inner}`, ...rest]);
  });
}

/** @param {any} value @returns {string} */
function several(value) {
  if (Array.isArray(value)) return value.map(several).join(' ');
  return typeof value === 'number' ? short(value) : String(value);
}

/** @param {Record<string, any>} ours */
function figureTable(ours) {
  const { peer, ratio = {} } = ours;
  const spread = (/** @type {any} */ figures, /** @type {string} */ key) => {
    const [least, most] = figures.range?.[key] ?? [];
    return least === undefined || least === most ? '' : ` (${compact(least)}..${compact(most)})`;
  };
  /** @type {Array<[string, (figures: any) => string, number?]>} */
  const lines = [
    ['messages/s', (f) => `${short(f.messagesPerSecond)}${spread(f, 'messagesPerSecond')}`, ratio.messagesPerSecond],
    ['MB/s', (f) => short(f.megabytesPerSecond)],
    ...(ours.fractionOfLimit === null ? [] : [row('of the limit', (f) => `${(f.fractionOfLimit * 100).toFixed(1)} %`)]),
    ...(ours.latency === null
      ? []
      : [
          row('latency p50, µs', (f) => `${short(f.latency?.p50)}${spread(f, 'p50')}`, ratio.p50),
          row('latency p99, µs', (f) => `${short(f.latency?.p99)}${spread(f, 'p99')}`, ratio.p99),
          row('latency p99.9, µs', (f) => short(f.latency?.p999)),
          row('latency max, µs', (f) => short(f.latency?.max)),
        ]),
    ...Object.keys(ours.cpuMicrosecondsPerMessage).map((kind) =>
      row(
        `CPU µs, ${kind}`,
        (f) => short(f.cpuMicrosecondsPerMessage[kind]),
        kind === 'client' ? undefined : ratio.executiveCpu,
      ),
    ),
    row('retransmits', (f) => short(f.retransmits)),
    row('faults', (f) => `${f.faults.misordered + f.faults.corrupt}, ${f.faults.configurationChanges} changes`),
  ];
  const rows = lines.map(([name, of, times]) => [
    name,
    of(ours),
    ...(peer ? [of(peer), times === undefined ? '' : short(times)] : []),
  ]);
  return aligned([['', 'openais', ...(peer ? [peer.name, 'ratio'] : [])], ...rows]);
}

/** @param {string} name @param {(figures: any) => string} of @param {number} [ratio] @returns {[string, (figures: any) => string, number?]} */
function row(name, of, ratio) {
  return [name, of, ratio];
}

/** @param {ReadonlyArray<Record<string, any>>} points */
function pointTable(points) {
  const hasPeer = points.some(({ peer }) => peer);
  const hasLatency = points.some(({ latency }) => latency);
  const hasLimit = points.some(({ fractionOfLimit }) => typeof fractionOfLimit === 'number');
  const head = ['', 'messages/s', 'MB/s', ...(hasLimit ? ['limit'] : []), ...(hasLatency ? ['p50 µs', 'p99 µs'] : [])];
  return aligned([
    [...head, ...(hasPeer ? ['peer', 'ratio'] : [])],
    ...points.map(({ parameters, messagesPerSecond, megabytesPerSecond, fractionOfLimit, latency, peer, ratio }) => [
      Object.entries(parameters)
        .map(([key, value]) => (typeof value === 'string' ? value : `${key} ${value}`))
        .join(', '),
      short(messagesPerSecond),
      short(megabytesPerSecond),
      ...(hasLimit ? [`${((fractionOfLimit ?? 0) * 100).toFixed(0)} %`] : []),
      ...(hasLatency ? [short(latency?.p50), short(latency?.p99)] : []),
      ...(hasPeer ? [short(peer?.messagesPerSecond), short(ratio?.messagesPerSecond)] : []),
    ]),
  ]);
}

/** The first column to the left, the others to the right. @param {string[][]} rows */
function aligned(rows) {
  const columns = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(columns[0] ?? 0) : cell.padStart(columns[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {number | undefined} value */
function short(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return '-';
  if (Math.abs(value) < 1) return `${Number(value.toPrecision(2))}`;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en');
}

/** Of a range: three digits are enough. @param {number} value */
function compact(value) {
  const [unit, times] = value >= 1e6 ? ['M', 1e6] : value >= 1e4 ? ['k', 1e3] : ['', 1];
  return `${Number((value / times).toPrecision(3)).toLocaleString('en')}${unit}`;
}

/** @param {string} text */
function wrapped(text) {
  return text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${WIDTH}}(\\s|$)`, 'g')) ?? [line])
    .map((line) => line.trimEnd())
    .join('\n');
}
