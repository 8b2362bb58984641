import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The unit that ships, as systemd reads it, where there is one. */
const file = join(import.meta.dirname, '../../packaging/systemd/openais.service');
const text = readFileSync(file, 'utf8');

function analyze(...args: string[]) {
  return spawnSync('systemd-analyze', args, { encoding: 'utf8' });
}

const version = Number(/^systemd (\d+)/.exec(analyze('--version').stdout ?? '')?.[1] ?? 0);
const OFFLINE_SINCE = 250;
/** Of 100, the less the better: without real time and locked memory it would be less. */
const EXPOSURE_MAX = 25;

describe.skipIf(version < OFFLINE_SINCE)('systemd', () => {
  test('understands every line of the unit', () => {
    const { status, stderr } = analyze('verify', file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('would say so if it did not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-'));
    const broken = join(folder, 'openais.service');
    copyFileSync(file, broken);
    writeFileSync(broken, text.replace('WatchdogSec=', 'WatchdgSec='));
    expect(analyze('verify', broken).stderr).toContain('WatchdgSec');
    rmSync(folder, { recursive: true });
  });

  test('finds it hardened', () => {
    const { status, stdout } = analyze('security', '--offline=true', `--threshold=${EXPOSURE_MAX}`, file);
    expect(status, stdout).toBe(0);
  });
});

test('It asks for what aisexec tells, and leaves what the ring needs', () => {
  for (const line of ['Type=notify', 'WatchdogSec=10s', 'ExecReload=/bin/kill -HUP $MAINPID', 'LimitMEMLOCK=infinity'])
    expect(text).toContain(`\n${line}\n`);
  // JavaScript is compiled while it runs; the ring has sockets, and real time where it is configured.
  expect(text).not.toMatch(/^(MemoryDenyWriteExecute|PrivateNetwork|RestrictRealtime)=/m);
});
