/** Whether the configuration can be read, as the executive would; keys and addresses are looked at with it. */
import { existsSync } from 'node:fs';
import { ConfigError, loadConfig, type ResolvedConfig } from '../../config/index.js';
import { type Finding, ok, warning, wrong } from './finding.js';

const CHECK = 'configuration';

export interface Configuration {
  readonly config: ResolvedConfig | undefined;
  readonly findings: readonly Finding[];
}

export async function examineConfiguration(file: string): Promise<Configuration> {
  try {
    const config = await loadConfig(file);
    const warnings = config.warnings.map((text) => warning(CHECK, text, `see ais config check ${file}`));
    return { config, findings: [ok(CHECK, `${file}: node ${config.nodeId} of '${config.clusterName}'`), ...warnings] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (!existsSync(file)) {
      const mend = 'write one, as docs/CONFIGURATION.md says, or name it with -c';
      return { config: undefined, findings: [wrong(CHECK, `${file} does not exist`, mend)] };
    }
    const findings = error.problems.map(({ place: { line }, message }) => {
      const where = line === undefined ? file : `${file}, line ${line}`;
      return wrong(CHECK, `${where}: ${message}`, `correct it; ais config check ${file} shows the place`);
    });
    return { config: undefined, findings };
  }
}
