/** `aisexec`: an executive as a process of its own. It leaves the ring and exits with 0 on SIGTERM and SIGINT. */
import { Command } from 'commander';
import { defaultConfigFiles } from '../config/index.js';
import { Executive } from '../executive/index.js';
import { findConfigFile } from './config-check.js';
import { packageVersion } from './package-version.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

export function aisexecCommand(): Command {
  return new Command('aisexec')
    .description('The executive: joins the ring that the configuration file describes, and serves this machine.')
    .version(packageVersion())
    .option('-c, --config <file>', `default: ${defaultConfigFiles.join(', else ')}`)
    .option('-f, --foreground', 'stay in the foreground; it always does, service managers want it so')
    .action(({ config }: { config?: string }) => runExecutive(config ?? findConfigFile()));
}

/** Returns when the executive has left; throws what ended it otherwise. */
async function runExecutive(file: string): Promise<void> {
  const asked = new AbortController();
  const onSignal = () => {
    // Asked twice: whoever asks does not want to wait for the others any more.
    if (asked.signal.aborted) process.exit(1);
    asked.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  try {
    await startAndServe(file, asked.signal);
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}

async function startAndServe(file: string, asked: AbortSignal): Promise<void> {
  let executive: Executive;
  try {
    executive = await Executive.start(file, { signal: asked });
  } catch (error) {
    if (asked.aborted) return;
    throw error;
  }
  if (asked.aborted) void executive.stop();
  else asked.addEventListener('abort', () => void executive.stop());
  const reason = await executive.closed;
  if (reason) throw reason;
}
