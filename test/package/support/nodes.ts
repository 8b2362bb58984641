/** The Node versions to test under: this one, and those that OPENAIS_NODES names ('22 24 26'), from npm's registry. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.js';

const folder = join(import.meta.dirname, '../../../build-nodes');

export interface NodeUnderTest {
  readonly name: string;
  readonly binary: string;
  /** Why it cannot be tested. */
  readonly missing: string;
}

/** None of them is fetched if it cannot be tested, for what `need` says. */
export function nodesUnderTest(need: string): NodeUnderTest[] {
  const own = { name: process.version, binary: process.execPath, missing: need };
  if (need !== '') return [own];
  const named = (process.env.OPENAIS_NODES ?? '').split(/[\s,]+/).filter((version) => version !== '');
  return [own, ...named.map(fetchNode)];
}

function fetchNode(version: string): NodeUnderTest {
  const name = `node-${process.platform}-${process.arch}`;
  const place = join(folder, version);
  const binary = join(place, 'node_modules', name, 'bin', 'node');
  try {
    mkdirSync(place, { recursive: true });
    if (!existsSync(binary)) npm(['install', '--prefix', place, '--no-save', `${name}@${version}`], { cwd: place });
    return { name: spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim(), binary, missing: '' };
  } catch (error) {
    const [why] = /^npm error .*$/m.exec((error as Error).message) ?? ['npm could not be run'];
    return { name: `v${version}`, binary, missing: ` (it could not be fetched: ${why})` };
  }
}
