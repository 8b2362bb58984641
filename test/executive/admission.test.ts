import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AdmittedEntry, admission, admitted, isOperator } from '../../src/executive/admission.js';

const own = process.getuid!();
const stranger = { pid: 7, uid: own + 1000, gid: 2000 };

/** Whether a process with these credentials is admitted. */
function admits(entries: readonly AdmittedEntry[], peer: { pid: number; uid: number; gid: number }): boolean {
  return admission(entries, () => peer)(3) === undefined;
}

describe('Who may connect', () => {
  test('root and the user of the executive, whoever is configured', () => {
    expect(admits([], { ...stranger, uid: 0 })).toBe(true);
    expect(admits([], { ...stranger, uid: own })).toBe(true);
    expect(admits([], stranger)).toBe(false);
  });

  test('the user and the group of an entry, each alone', () => {
    const entry = { uid: stranger.uid, gid: 5 };
    expect(admits([entry], stranger)).toBe(true);
    expect(admits([entry], { ...stranger, uid: 9999 })).toBe(false);
    expect(admits([entry], { ...stranger, uid: 9999, gid: 5 })).toBe(true);
    expect(admits([{ uid: undefined, gid: undefined }], stranger)).toBe(false);
  });

  test('Who may not is told so, by what the kernel says of it', () => {
    const refusal = admission([], () => stranger)(3);
    expect(refusal).toMatchObject({ code: 'SA_AIS_ERR_SECURITY' });
    expect(refusal!.message).toContain(`process 7 of user ${stranger.uid} and group 2000`);
  });

  test('One of whom the kernel says nothing may not', () => {
    expect(admission([])(-1)).toMatchObject({ code: 'SA_AIS_ERR_SECURITY' });
  });
});

test('Root and the user of the executive may control it, whoever else is admitted', () => {
  expect(isOperator(3, () => ({ ...stranger, uid: 0 }))).toBe(true);
  expect(isOperator(3, () => ({ ...stranger, uid: own }))).toBe(true);
  expect(isOperator(3, () => stranger)).toBe(false);
  // No socket: the kernel says nothing.
  expect(isOperator(-1)).toBe(false);
});

describe('The configured group', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openais-'));
    file = join(folder, 'group');
    writeFileSync(file, 'root:x:0:\nais:x:2000:someone\nbroken:x\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function entries(group: string | undefined) {
    const warnings: string[] = [];
    const found = await admitted({ socketPath: undefined, group, allowed: [] }, (what) => warnings.push(what), file);
    return { found, warnings };
  }

  test('goes by its name or its number', async () => {
    expect(await entries('ais')).toEqual({ found: [{ uid: undefined, gid: 2000 }], warnings: [] });
    expect(await entries('77')).toEqual({ found: [{ uid: undefined, gid: 77 }], warnings: [] });
    expect(await entries(undefined)).toEqual({ found: [], warnings: [] });
  });

  test('that does not exist admits nobody, with a warning', async () => {
    for (const group of ['nobodys', 'broken']) {
      const { found, warnings } = await entries(group);
      expect(found).toEqual([]);
      expect(warnings[0]).toContain(`no group '${group}'`);
    }
    rmSync(file);
    expect((await entries('ais')).warnings).toHaveLength(1);
  });
});
