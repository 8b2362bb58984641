import { createRequire } from 'node:module';

/** Two folders up, from src/cli as from dist/cli. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return version;
}
