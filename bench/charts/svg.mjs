// Charts as SVG: panels with lines or dots, labelled where they end. Colours follow the reader's light or dark scheme.

/**
 * @typedef {'ours' | 'ours-2' | 'past' | 'peer'} Look who is shown: ours in two shades, the talk of 2004, another system
 * @typedef {{ name: string, look: Look, points: ReadonlyArray<readonly [number, number]>, kind?: 'line' | 'dots' }} Series
 * @typedef {{ label: string, ticks: readonly number[], isLog?: boolean, format?: (value: number) => string }} Axis
 * @typedef {{ heading?: string, x: Axis, y: Axis, series: readonly Series[], rules?: ReadonlyArray<{ at: number, name: string }> }} Panel
 * @typedef {{ title: string, subtitle: string, source: string, panels: readonly Panel[] }} Chart
 */

const WIDTH = 760;
const PANEL_HEIGHT = 314;
/** Around the plot: room for values on the left, names of the lines on the right. */
const [LEFT, RIGHT, ABOVE, BELOW] = [64, 192, 48, 52];
const HEAD = 62;
const FOOT = 34;
/** Between the baselines of two names. */
const LINE = 16;

/** @typedef {{ paper: string, ink: string, quiet: string, grid: string } & Record<Look, string>} Palette */

/** @type {Palette} */
const light = {
  ...{ paper: '#ffffff', ink: '#1c2430', quiet: '#667080', grid: '#e3e7ec' },
  ...{ ours: '#0b62c4', 'ours-2': '#57a0ee', past: '#8a7d6b', peer: '#d1571a' },
};

/** @type {Palette} */
const dark = {
  ...{ paper: '#14181e', ink: '#e8ecf1', quiet: '#98a3b2', grid: '#2a313b' },
  ...{ ours: '#6db1ff', 'ours-2': '#3578c4', past: '#b3a58f', peer: '#ff9a5c' },
};

/** Plain declarations: not every reader of SVG knows variables. @param {Palette} palette */
function colours({ paper, ink, quiet, grid, ...looks }) {
  return `.paper { fill: ${paper}; } text { fill: ${ink}; } .quiet, .tick, .source { fill: ${quiet}; }
  .grid { stroke: ${grid}; } .rule { stroke: ${quiet}; }
  ${Object.entries(looks)
    .map(([look, colour]) => `.${look} { fill: ${colour}; } .line.${look} { stroke: ${colour}; fill: none; }`)
    .join(' ')}`;
}

const style = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
  .title { font-size: 19px; font-weight: 600; }
  .tick, .source { font-size: 12px; }
  .heading, text.ours, text.ours-2, text.past, text.peer { font-weight: 600; }
  .rule { stroke-dasharray: 2 3; }
  .line { stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round; }
  .line.past { stroke-dasharray: 6 4; }
  .strip { fill-opacity: 0.55; }
  ${colours(light)}
  @media (prefers-color-scheme: dark) {
  ${colours(dark)}
  }`;

/** @param {Chart} chart @returns {string} */
export function svg({ title, subtitle, source, panels }) {
  const height = HEAD + panels.length * PANEL_HEIGHT + FOOT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<desc>${escaped(`${subtitle}. ${source}`)}</desc>
<style>${style}
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="24" y="34">${escaped(title)}</text>
<text class="quiet" x="24" y="55">${escaped(subtitle)}</text>
${panels.map((each, index) => panel(each, HEAD + index * PANEL_HEIGHT)).join('\n')}
<text class="source" x="24" y="${height - 14}">${escaped(source)}</text>
</svg>
`;
}

/** @param {Panel} panel @param {number} top */
function panel({ heading, x, y, series, rules = [] }, top) {
  const [left, right] = [LEFT, WIDTH - RIGHT];
  const [upper, lower] = [top + ABOVE, top + PANEL_HEIGHT - BELOW];
  const toX = scale(x, left, right);
  const toY = scale(y, lower, upper);
  const lines = [
    ...(heading ? [`<text class="heading" x="${left}" y="${top + 18}">${escaped(heading)}</text>`] : []),
    ...y.ticks.map((tick) => horizontal(y, tick, toY(tick), left, right)),
    ...x.ticks.map((tick) => text('tick', toX(tick), lower + 19, word(x, tick), 'middle')),
    text('quiet', (left + right) / 2, lower + 40, x.label, 'middle'),
    text('quiet', left, upper - 9, y.label, 'start'),
    ...rules.map(({ at }) => rule(toY(at), left, right)),
    ...series.map((each) => drawn(each, toX, toY)),
    ...names(
      [
        ...series.map(({ name, look, points }) => ({ name, look, at: toY(points.at(-1)?.[1] ?? 0) })),
        ...rules.map(({ at, name }) => ({ name, look: 'tick', at: toY(at) })),
      ],
      right + 10,
      upper,
      lower,
    ),
  ];
  return lines.join('\n');
}

/** @param {Series} series @param {(x: number) => number} toX @param {(y: number) => number} toY */
function drawn({ look, points, kind = 'line' }, toX, toY) {
  const at = points.map(([x, y]) => /** @type {const} */ ([place(toX(x)), place(toY(y))]));
  if (kind === 'dots') return at.map(([x, y]) => `<circle class="${look} strip" cx="${x}" cy="${y}" r="4"/>`).join('');
  const path = at.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const dots = at.map(([x, y]) => `<circle class="${look}" cx="${x}" cy="${y}" r="2.6"/>`).join('');
  return `<path class="line ${look}" d="${path}"/>${dots}`;
}

/**
 * Beside the last point of each line, moved apart where they would touch.
 * @param {Array<{ name: string, look: string, at: number }>} labels @param {number} x @param {number} upper @param {number} lower
 */
function names(labels, x, upper, lower) {
  const sorted = labels.filter(({ name }) => name !== '').sort((a, b) => a.at - b.at);
  let free = upper;
  for (const label of sorted) {
    label.at = Math.max(label.at, free);
    free = label.at + LINE;
  }
  // And back up, if the last ones have left the plot.
  let limit = lower;
  for (const label of [...sorted].reverse()) {
    label.at = Math.min(label.at, limit);
    limit = label.at - LINE;
  }
  return sorted.map(({ name, look, at }) => text(look, x, at + 4, name, 'start'));
}

/** @param {Axis} axis @param {number} from @param {number} to @returns {(value: number) => number} */
function scale({ ticks, isLog = false }, from, to) {
  const of = isLog ? Math.log : (/** @type {number} */ value) => value;
  const [least, most] = [of(ticks[0] ?? 0), of(ticks.at(-1) ?? 1)];
  return (value) => from + ((of(value) - least) / (most - least)) * (to - from);
}

/** @param {Axis} y @param {number} tick @param {number} at @param {number} left @param {number} right */
function horizontal(y, tick, at, left, right) {
  const line = `<line class="grid" x1="${left}" x2="${right}" y1="${place(at)}" y2="${place(at)}"/>`;
  return line + text('tick', left - 10, at + 4, word(y, tick), 'end');
}

/** @param {number} at @param {number} left @param {number} right */
function rule(at, left, right) {
  return `<line class="rule" x1="${left}" x2="${right}" y1="${place(at)}" y2="${place(at)}"/>`;
}

/** @param {string} look @param {number} x @param {number} y @param {string} content @param {'start' | 'middle' | 'end'} anchor */
function text(look, x, y, content, anchor) {
  return `<text class="${look}" x="${place(x)}" y="${place(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

/** @param {Axis} axis @param {number} value */
function word({ format = (number) => number.toLocaleString('en') }, value) {
  return format(value);
}

/** @param {number} value */
function place(value) {
  return Number(value.toFixed(1));
}

/** @param {string} content */
function escaped(content) {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
