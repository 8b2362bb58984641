import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatScenario, parseScenario } from '../../src/sim/scenario/parse.js';
import { runScenario } from '../../src/sim/scenario/run.js';

const folder = import.meta.dirname;
const updates = process.env.UPDATE_SCENARIOS === '1';

describe('scenarios', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
    it(`${file} goes as recorded, and is legal`, { timeout: 60_000 }, () => {
      const text = readFileSync(join(folder, file), 'utf8');
      const scenario = parseScenario(text);
      const { printed, findings } = runScenario(scenario);
      expect(findings).toEqual([]);
      const result = formatScenario(scenario, printed);
      if (updates) writeFileSync(join(folder, file), result);
      else expect(result).toBe(text);
    });
  }
});
