// The programs of a benchmark, by name: their files are written, and the command is told. The same on this machine and under an agent,
// who starts nothing else.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const client = join(root, 'bench', 'programs', 'client.mjs');

/**
 * `config`: the object form of openais.conf but for what belongs to the machine. `key`: hexadecimal.
 * @typedef {{ program: 'executive' | 'embedded', config: any, key: string } | { program: 'client' }} Launch
 */

/** @param {string} folder of this host, empty when it first starts something @param {Launch} launch @returns {string[]} */
export function commandOf(folder, launch) {
  const socketPath = join(folder, 'ais.sock');
  if (launch.program === 'client') return [process.execPath, client, JSON.stringify({ socketPath })];
  const { totem, ...others } = launch.config;
  const config = {
    totem: { ...totem, keyfile: join(folder, 'key') },
    ...others,
    ipc: { socket: launch.program === 'embedded' ? false : socketPath },
    state: { dir: join(folder, 'state') },
    logging: { to_stderr: false, logfile: join(folder, 'log') },
  };
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, 'key'), { force: true });
  writeFileSync(join(folder, 'key'), Buffer.from(launch.key, 'hex'), { mode: 0o400 });
  if (launch.program === 'embedded') return [process.execPath, client, JSON.stringify({ config })];
  writeFileSync(join(folder, 'openais.conf'), configFile(config));
  return [process.execPath, join(root, 'dist', 'cli', 'aisexec.js'), '-c', join(folder, 'openais.conf')];
}

/** The text of openais.conf. @param {Record<string, any>} section @returns {string} */
export function configFile(section) {
  return Object.entries(section)
    .flatMap(([key, value]) => (Array.isArray(value) ? value.map((each) => [key, each]) : [[key, value]]))
    .map(([key, value]) =>
      typeof value === 'object' ? `${key} {\n${configFile(value)}}\n` : `${key}: ${word(value)}\n`,
    )
    .join('');
}

/** @param {unknown} value */
function word(value) {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
