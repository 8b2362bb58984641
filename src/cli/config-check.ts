/** `ais config check`: what the executive would say about a configuration file, without starting one. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError, defaultConfigFiles, loadConfig, type ResolvedConfig } from '../config/index.js';
import { table } from './columns.js';
import { count, documented, list, nodeId, object, oneOf, text } from './schema.js';
import { type Terminal, toJson } from './terminal.js';

const linkSchema = object({ number: count, address: text, multicastAddress: text, port: count });
const problemSchema = object({ message: text }, { line: count, column: count });
const schema = {
  anyOf: [
    object({
      ok: oneOf(true),
      file: text,
      nodeId,
      clusterName: text,
      transport: oneOf('udp', 'udpu'),
      crypto: oneOf('aes256gcm', 'chacha20poly1305', 'none'),
      links: list(linkSchema),
      nodes: { ...count, description: 'of the node list' },
      warnings: list(text),
    }),
    object({ ok: oneOf(false), file: text, problems: list(problemSchema) }),
  ],
};

export function configCommand(terminal: Terminal): Command {
  const check = new Command('check')
    .description('read a configuration file, the key and the addresses as the executive would')
    .argument('[file]', `default: ${defaultConfigFiles.join(', else ')}`)
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const checked = file ?? findConfigFile();
      try {
        const config = await loadConfig(checked);
        terminal.out(json ? toJson({ ok: true, file: checked, ...summary(config) }) : describe(checked, config));
      } catch (error) {
        if (!(json && error instanceof ConfigError)) throw error;
        const problems = error.problems.map(({ place: { line, column }, message }) => ({ line, column, message }));
        terminal.out(toJson({ ok: false, file: checked, problems }));
        process.exitCode = 1;
      }
    });
  return new Command('config').description('the configuration file').addCommand(documented(check, schema));
}

/** The first of the default files that exists, else the first, which is then reported missing. */
export function findConfigFile(): string {
  return defaultConfigFiles.find((file) => existsSync(file)) ?? defaultConfigFiles[0];
}

function summary({ nodeId, clusterName, transport, protection, links, nodes, warnings }: ResolvedConfig) {
  return {
    nodeId,
    clusterName,
    transport,
    crypto: protection.cipher,
    links: links.map(({ number, address, multicastAddress, port }) => ({ number, address, multicastAddress, port })),
    nodes: nodes.length,
    warnings,
  };
}

function describe(file: string, config: ResolvedConfig): string {
  const link = config.links[0]!;
  const target =
    config.transport === 'udp' ? `multicast ${link.multicastAddress}` : `unicast to ${config.nodes.length} nodes`;
  const facts = table([
    ['node', String(config.nodeId)],
    ['cluster', config.clusterName],
    ['network', `${link.address} port ${link.port}, ${target}`],
    ['crypto', config.protection.cipher],
    ['token', `${config.timers.token} ms`],
    ['socket', config.ipc.socketPath ?? 'off'],
    ['state', config.stateDirectory],
  ]);
  return [`${file} is in order.`, facts, ...config.warnings.map((warning) => `Warning: ${warning}`)].join('\n');
}
