import { expect, test } from 'vitest';
import { buildNativeCommand, compileHere } from '../../src/cli/build-native.js';
import { run } from '../../src/cli/run.js';

/** What the command writes when the compiler does what `compile` does. The real one is test/package. */
async function type(line: string[], compile: () => Promise<string>) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const status = await run(buildNativeCommand(terminal, compile), line, terminal);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

test('build-native says where it put the addon', async () => {
  const built = async () => 'there/openais.node';
  expect(await type([], built)).toMatchObject({ status: 0, out: 'Built there/openais.node.' });
  expect(JSON.parse((await type(['--json'], built)).out)).toEqual({ addon: 'there/openais.node' });
});

test('build-native tells in a sentence what is missing, and fails', async () => {
  const before = process.env.CXX;
  process.env.CXX = 'no-such-compiler';
  try {
    const { status, out, err } = await type([], compileHere);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(
      /needs a C\+\+20 compiler, and none answers \(tried no-such-compiler\)[\s\S]*apt-get install g\+\+/,
    );
    expect(err).not.toContain('    at ');
  } finally {
    if (before === undefined) delete process.env.CXX;
    else process.env.CXX = before;
  }
});
