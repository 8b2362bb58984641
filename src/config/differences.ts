/** What changed from one configuration to another, key by key, and whether that may happen without a restart: by the schema table. */
import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConfig } from './resolved-config.js';
import { type SectionSpec, schema } from './schema.js';

export interface Difference {
  /** `totem.token`; `uidgid` for a section that repeats. */
  readonly path: string;
  readonly reloadable: boolean;
}

/** In the order of the table. */
export function differences(before: ResolvedConfig, after: ResolvedConfig): Difference[] {
  const found = compare(schema, before.values, after.values, '');
  const add = (path: string, reloadable: boolean) => {
    if (!found.some((difference) => difference.path === path)) found.push({ path, reloadable });
  };
  // Files that are named may hold something else than before.
  if (!isDeepStrictEqual(before.protection, after.protection)) add('totem.keyfile', false);
  if (before.metrics?.token !== after.metrics?.token) add('metrics.token_file', true);
  return found;
}

type Values = Readonly<Record<string, unknown>>;

function compare(spec: SectionSpec, before: Values, after: Values, path: string): Difference[] {
  const keys = Object.entries(spec.keys)
    .filter(([key]) => !isDeepStrictEqual(before[key], after[key]))
    .map(([key, { reloadable }]) => ({ path: join(path, key), reloadable }));
  const sections = Object.entries(spec.sections).flatMap(([name, child]) => {
    const [old, now] = [before[name], after[name]];
    if (child.max === 1) return compare(child, old as Values, now as Values, join(path, name));
    if (isDeepStrictEqual(old, now)) return [];
    return [{ path: join(path, name), reloadable: mayAllReload(child) }];
  });
  return [...keys, ...sections];
}

/** A section that comes or goes is all of its keys. */
function mayAllReload({ keys, sections }: SectionSpec): boolean {
  return (
    Object.values(keys).every(({ reloadable }) => reloadable) &&
    Object.values(sections).every((child) => mayAllReload(child))
  );
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
