/** Metrics in the text format 0.0.4 of Prometheus. */
import { type Measured, type Metric, metrics, type Sample } from './metrics.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** All metrics as Prometheus reads them. */
export function renderMetrics(measured: Measured): string {
  return metrics.map((one) => render(one, one.samples(measured))).join('');
}

function render({ name, type, help }: Metric, samples: readonly Sample[]): string {
  const lines = samples.map(({ value, labels }) => `${name}${renderLabels(labels)} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Sample['labels']): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
