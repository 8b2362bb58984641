// A program as a child process of this one.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Program } from './program.mjs';

/** Whoever ends, by whatever, leaves nothing behind. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @param {readonly string[]} command @param {string} [errors] file for its standard error; ours without one @returns {Program} */
export function startChild([command = '', ...args], errors) {
  const stderr = errors === undefined ? 'inherit' : openSync(errors, 'a');
  /** @typedef {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} Child */
  const child = /** @type {Child} */ (spawn(command, args, { stdio: ['pipe', 'pipe', stderr] }));
  if (typeof stderr === 'number') closeSync(stderr);
  const program = new Program({
    write: (line) => child.stdin.write(`${line}\n`),
    signal: (name) => child.kill(name),
    cpu: async () => cpuMicroseconds(child.pid ?? 0),
    pid: child.pid,
  });
  // Who was killed reads no more.
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => program.onLine(line));
  child.on('error', (error) => process.stderr.write(`bench: ${command}: ${error.message}\n`));
  running.add(child);
  child.on('close', () => {
    running.delete(child);
    program.ended();
  });
  return program;
}

/**
 * User and system time of all threads. The scheduler's own figure is in nanoseconds; that of stat, in hundredths of a second, is for kernels
 * without it.
 * @param {number} pid
 */
export function cpuMicroseconds(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + nanosecondsOf(pid, thread), 0) / 1000;
  } catch {
    return ticksOf(pid) * 10_000;
  }
}

/** @param {number} pid @param {string} thread */
function nanosecondsOf(pid, thread) {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
}

/** @param {number} pid */
function ticksOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces; after it, utime and stime are the 12th and 13th field.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
