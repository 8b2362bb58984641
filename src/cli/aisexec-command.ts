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
  const starting = new AbortController();
  let executive: Executive | undefined;
  let wasAsked = false;
  const onSignal = () => {
    // Asked twice: whoever asks does not want to wait for the others any more.
    if (wasAsked) process.exit(1);
    wasAsked = true;
    starting.abort();
    void executive?.stop();
  };
  for (const name of signals) process.on(name, onSignal);
  try {
    executive = await Executive.start(file, { signal: starting.signal });
  } catch (error) {
    if (wasAsked) return;
    throw error;
  }
  if (wasAsked) await executive.stop();
  const reason = await executive.closed;
  if (reason) throw reason;
}
