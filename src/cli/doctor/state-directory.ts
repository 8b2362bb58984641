/** The state directory: writable, on a disk, with room; and the clock, against what was written there. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ResolvedConfig } from '../../config/index.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import type { Machine } from './machine.js';

/** Bytes that the state file and its successor take, with directory and journal, generously. */
const ROOM_BYTES = 1 << 20;
/** File systems that forget, by their numbers in linux/magic.h. */
const FORGETFUL = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
/** Milliseconds by which clocks of several starts may differ without harm. */
const STEP_MS = 60_000;
/** Before this package was written. */
const PLAUSIBLE_MS = Date.UTC(2025, 0);
/** Clock sources that take microseconds to read. */
const SLOW_CLOCKS = ['acpi_pm', 'hpet', 'jiffies', 'pit', 'refined-jiffies'];
const CLOCK_SOURCE = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

export async function examineStateDirectory({ stateDirectory }: ResolvedConfig): Promise<Finding> {
  const check = 'state directory';
  const user = process.getuid?.();
  const there = await nearest(stateDirectory);
  try {
    if (!(await stat(there)).isDirectory()) return wrong(check, `${there} is no directory`, `move it away`);
    await access(there, constants.W_OK | constants.X_OK);
  } catch {
    const mend = `chown it to the user of the executive, or set state.dir`;
    return wrong(check, `user ${user} may not write to ${there}`, mend);
  }
  const { type, bavail, bsize } = await statfs(there);
  const forgetful = FORGETFUL.get(type);
  if (bavail * bsize < ROOM_BYTES) return wrong(check, `the disk of ${there} is full`, 'make room on it');
  if (forgetful !== undefined) {
    const what = `${there} is on a ${forgetful}, which forgets with a restart of the machine`;
    return warning(check, what, 'set state.dir to a folder on a disk');
  }
  return ok(check, there === stateDirectory ? `${there} is writable` : `${stateDirectory} can be made`);
}

/** The folder, or the first above it that exists. */
async function nearest(folder: string): Promise<string> {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    const isThere = await stat(path).then(
      () => true,
      ({ code }) => code !== 'ENOENT',
    );
    if (isThere) return path;
  }
  return '/';
}

export function examineClock({ stateDirectory, nodeId }: ResolvedConfig, machine: Machine): Finding {
  const check = 'clock';
  const now = machine.now();
  const mend = 'let chrony or systemd-timesyncd keep it';
  if (now < PLAUSIBLE_MS) return wrong(check, `it shows ${new Date(now).toISOString()}`, mend);
  const stored = machine.read(join(stateDirectory, `node-${nodeId}.state`)) ?? '';
  // Incarnations are times of starts, as long as the clock goes forward.
  const [, last = '0'] = /^incarnation (\d+)$/m.exec(stored) ?? [];
  const behind = Number(last) - now;
  if (behind > STEP_MS) {
    const what = `it is ${Math.round(behind / 1000)} s behind the last start of this node`;
    return warning(check, what, mend);
  }
  const source = machine.read(CLOCK_SOURCE);
  if (source !== undefined && SLOW_CLOCKS.includes(source)) {
    const what = `the kernel reads the time from ${source}, which is slow`;
    return warning(check, what, 'boot with clocksource=tsc, or with the clock of the hypervisor');
  }
  return ok(check, `${new Date(now).toISOString()}${source === undefined ? '' : ` from ${source}`}`);
}
