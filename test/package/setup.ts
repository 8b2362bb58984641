/** Packs once for all files of this folder, as `npm pack` does it for everybody. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { hasNodeGypTools } from '../../scripts/toolchain.mjs';
import { npm } from './support/npm.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed package; empty, if it cannot be packed here. */
    tarball: string;
    /** Why it cannot be, for titles. */
    need: string;
  }
}

const root = join(import.meta.dirname, '../..');

export default function setup(project: TestProject): () => void {
  const need = hasNodeGypTools() ? '' : ' (needs node-gyp: apt-get install python3 make)';
  project.provide('need', need);
  if (need !== '') {
    project.provide('tarball', '');
    return () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'openais-package-'));
  npm(['pack', '--pack-destination', folder], { cwd: root });
  const [file = ''] = readdirSync(folder);
  project.provide('tarball', join(folder, file));
  return () => rmSync(folder, { recursive: true });
}
