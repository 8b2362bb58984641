/** `ais doctor`: looks at everything that an executive needs here, and says what is wrong and how to mend it. */
import { Command } from 'commander';
import { defaultConfigFiles, type ResolvedConfig } from '../../config/index.js';
import { defaultSocketPath } from '../../config/schema.js';
import type { Status } from '../../observe/status.js';
import { type Color, paint, painted, printable, WIDTH, wrap } from '../columns.js';
import { findConfigFile } from '../config-check.js';
import { count, described, documented, flag, list, object, oneOf, text } from '../schema.js';
import { type Terminal, toJson } from '../terminal.js';
import { examineAddon } from './addon.js';
import { examineConfiguration } from './configuration.js';
import { examineMulticast, examinePorts } from './datagrams.js';
import { askStatus, examineStatus } from './executive.js';
import type { Finding } from './finding.js';
import { examineBuffers, examineMemory, examinePriority } from './limits.js';
import { thisMachine } from './machine.js';
import { examineNetwork, examineNodeList } from './network.js';
import { examineClock, examineStateDirectory } from './state-directory.js';

const schema = object({
  ok: described(flag, 'nothing is wrong; there may be warnings'),
  file: text,
  wrong: count,
  warnings: count,
  findings: list(
    object(
      { check: text, level: oneOf('ok', 'warning', 'wrong'), what: text },
      { mend: described(text, 'how to mend it; of all that is not ok') },
    ),
  ),
});

const colors: Readonly<Record<Finding['level'], Color>> = { ok: 'green', warning: 'yellow', wrong: 'red' };
const WORD_WIDTH = 'warning'.length;

interface DoctorOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly beforeStart?: boolean;
  readonly json?: boolean;
}

export function doctorCommand(terminal: Terminal): Command {
  const command = new Command('doctor')
    .description('look for what is wrong on this machine, and how to mend it; exit status 1 if something is')
    .option('-c, --config <file>', `default: ${defaultConfigFiles.join(', else ')}`)
    .option('--socket <path>', 'socket of the executive; default: as the configuration says')
    .option('--before-start', 'the executive is not meant to run yet')
    .action(async ({ config, socket, beforeStart, json }: DoctorOptions) => {
      const file = config ?? findConfigFile();
      const findings = await examine(file, socket, beforeStart !== true);
      const wrong = findings.filter(({ level }) => level === 'wrong').length;
      const warnings = findings.filter(({ level }) => level === 'warning').length;
      const document = { ok: wrong === 0, file, wrong, warnings, findings };
      terminal.out(json ? toJson(document) : describe(terminal, document));
      if (wrong > 0) process.exitCode = 1;
    });
  return documented(command, schema);
}

async function examine(file: string, socket: string | undefined, isExpected: boolean): Promise<Finding[]> {
  const { config, findings } = await examineConfiguration(file);
  const path = socket ?? (config === undefined ? defaultSocketPath : config.ipc.socketPath);
  const answered = path === undefined ? undefined : await askStatus(path, isExpected);
  const status = answered?.status;
  return [
    ...findings,
    examineAddon(),
    ...(config === undefined ? [] : await examineMachine(config, status)),
    ...(answered === undefined ? [] : [answered.finding]),
    ...(status === undefined ? [] : examineStatus(status)),
  ];
}

async function examineMachine(config: ResolvedConfig, status: Status | undefined): Promise<Finding[]> {
  // What another executive was granted says nothing of this one.
  const own = status?.nodeId === config.nodeId ? status : undefined;
  return [
    ...examineNetwork(config, thisMachine),
    ...(await examineMulticast(config)),
    ...(own === undefined ? [await examinePorts(config)] : []),
    ...examineNodeList(config),
    examineBuffers(config, own, thisMachine),
    examinePriority(config, own, thisMachine),
    ...examineMemory(config, own, thisMachine),
    await examineStateDirectory(config),
    examineClock(config, thisMachine),
  ];
}

interface Diagnosis {
  readonly wrong: number;
  readonly warnings: number;
  readonly findings: readonly Finding[];
}

function describe(terminal: Terminal, { wrong, warnings, findings }: Diagnosis): string {
  const lines = findings.flatMap(({ check, level, what, mend }) => {
    const word = paint(terminal, level.padEnd(WORD_WIDTH), painted(level, colors[level]));
    const [first = '', ...more] = wrap(printable(`${check}: ${what}`), WIDTH - WORD_WIDTH - 2);
    const todo = mend === undefined ? [] : wrap(printable(`→ ${mend}`), WIDTH - WORD_WIDTH - 2);
    const below = ' '.repeat(WORD_WIDTH + 2);
    return [`${word}  ${first}`, ...[...more, ...todo].map((line) => `${below}${line}`)];
  });
  return [...lines, '', summary(wrong, warnings)].join('\n');
}

function summary(wrong: number, warnings: number): string {
  if (wrong === 0) return warnings === 0 ? 'All is well.' : `Nothing is wrong; ${warnings} could be better.`;
  return `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong${warnings > 0 ? `, ${warnings} could be better` : ''}.`;
}
