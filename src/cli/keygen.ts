/** `ais keygen`, and `ais-keygen` by its old name: makes the key that all nodes of a cluster share. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { createKeyFile } from '../config/authkey.js';
import { defaultKeyFile, keyBytes } from '../config/schema.js';
import { count, documented, object, text } from './schema.js';
import { type Terminal, toJson } from './terminal.js';

export function keygenCommand(name: string, terminal: Terminal): Command {
  const command = new Command(name)
    .description(`write a new key of ${keyBytes * 8} bits with mode 0400; a key that exists is left as it is`)
    .option('-k, --key-file <file>', 'where to write it', defaultKeyFile)
    .action(async ({ keyFile, json }: { keyFile: string; json?: boolean }) => {
      const file = resolve(keyFile);
      await createKeyFile(file);
      if (json) {
        terminal.out(toJson({ file, bits: keyBytes * 8 }));
      } else {
        terminal.out(`Wrote ${keyBytes * 8} bits to ${file}.`);
        terminal.out('Copy it to all nodes of the cluster, and to nobody else.');
      }
    });
  return documented(command, object({ file: text, bits: count }));
}
