import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type KeySpec, type SectionSpec, schema } from '../../src/config/schema.js';

/** docs/CONFIGURATION.md says what the table says; `npm test -- document -u` writes it. */
const documentFile = join(import.meta.dirname, '../../docs/CONFIGURATION.md');

const introduction = `# openais.conf

The executive reads \`/etc/ais/openais.conf\`, or the file of \`aisexec -c FILE\`. \`ais config check\` says what it would make of it.

\`\`\`
# A comment goes to the end of the line.
totem {
  cluster_name: example
  interface {
    bindnetaddr: 192.0.2.0
  }
}
\`\`\`

Sections nest. A value ends with its line; relative paths start at the folder of the file. Unknown keys are refused. The object form of
\`Executive.start\` has the same sections and keys; a section that repeats is an array there.

A file of three lines without a section, \`bindnetaddr:…\`, \`mcastaddr:…\`, \`mcastport:…\`, as in 2004, is one interface of totem.

This page is made from the table that the executive checks by (src/config/schema.ts).
`;

function renderSection(name: string, spec: SectionSpec): string {
  const repeats = spec.max === 1 ? '' : ` May stand up to ${spec.max} times.`;
  const rows = Object.entries(spec.keys).map(([key, keySpec]) => renderKey(key, keySpec));
  const table = rows.length === 0 ? '' : `\n| key | value | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  const children = Object.entries(spec.sections).map(([child, childSpec]) =>
    renderSection(`${name} / ${child}`, childSpec),
  );
  return [`## ${name}\n\n${spec.doc}${repeats}\n${table}`, ...children].join('\n');
}

function renderKey(key: string, { type, doc, reloadable, required, default: value }: KeySpec): string {
  const byDefault = required ? 'required' : value === undefined ? '' : `\`${renderValue(value)}\``;
  return `| \`${key}\` | ${type.describe} | ${byDefault} | ${doc}${reloadable ? ' *' : ''} |`;
}

function renderValue(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

test('The reference of all keys is that of the table', async () => {
  const sections = Object.entries(schema.sections).map(([name, spec]) => renderSection(name, spec));
  const text = `${introduction}\n${sections.join('\n')}\n\\* may change without a restart: aisexec reads its file again on SIGHUP ([DAEMON.md](DAEMON.md)).\n`;
  await expect(text).toMatchFileSnapshot(documentFile);
});
