/** The operator's tool: `ais`, also as `openais`. */
import { Command } from 'commander';
import { benchAgentCommand } from './bench-agent.js';
import { buildNativeCommand } from './build-native.js';
import { ckptCommand } from './ckpt/ckpt.js';
import { configCommand } from './config-check.js';
import { demoCommand } from './demo/command.js';
import { doctorCommand } from './doctor/doctor.js';
import { evtCommand } from './evt/evt.js';
import { keygenCommand } from './keygen.js';
import { leaveCommand } from './leave.js';
import { linksCommand } from './links.js';
import { membersCommand } from './members.js';
import { packageVersion } from './package-version.js';
import { servicesCommand } from './services.js';
import { statsCommand } from './stats.js';
import { statusCommand } from './status.js';
import type { Terminal } from './terminal.js';

export function program(terminal: Terminal): Command {
  return new Command('ais')
    .description('Looks after an openais cluster. The executive itself is aisexec.')
    .version(packageVersion())
    .addCommand(keygenCommand('keygen', terminal))
    .addCommand(statusCommand(terminal))
    .addCommand(membersCommand(terminal))
    .addCommand(linksCommand(terminal))
    .addCommand(statsCommand(terminal))
    .addCommand(servicesCommand(terminal))
    .addCommand(ckptCommand(terminal))
    .addCommand(evtCommand(terminal))
    .addCommand(leaveCommand(terminal))
    .addCommand(configCommand(terminal))
    .addCommand(demoCommand(terminal))
    .addCommand(buildNativeCommand(terminal))
    .addCommand(doctorCommand(terminal))
    .addCommand(benchAgentCommand(terminal));
}
