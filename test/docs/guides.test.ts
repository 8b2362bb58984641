import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { aisexecCommand } from '../../src/cli/aisexec-command.js';
import { program } from '../../src/cli/program.js';
import { loadConfig } from '../../src/config/index.js';
import { type SectionSpec, schema } from '../../src/config/schema.js';
import { makeTimers, type TimerProfile } from '../../src/totem/timers.js';
import { machineWith } from '../config/machine.js';

/** What documents show is what works: programs, configurations and commands, each by the language that its block names. */
const root = join(import.meta.dirname, '../..');

interface Block {
  readonly place: string;
  readonly text: string;
}

const documents = git('*.md').map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

function git(...patterns: string[]): string[] {
  const found = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  return found.split('\n').filter((file) => file !== '');
}

function blocks(language: string, where: RegExp): Block[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return documents
    .filter(({ file }) => where.test(file))
    .flatMap(({ file, text }) =>
      [...text.matchAll(fence)].map((match) => ({
        place: `${file}:${text.slice(0, match.index).split('\n').length}`,
        text: match[1]!,
      })),
    );
}

const guides = /^docs\/guides\//;

test('programs in TypeScript, and those of the README, are right by its compiler', () => {
  const programs = [...blocks('ts', guides), ...blocks('js', /^README\.md$/)];
  expect(programs.length).toBeGreaterThan(0);
  // Beside the sources, which the package's names stand for here, so that nothing has to be built.
  const files = new Map(programs.map(({ text }, index) => [join(root, `docs/guides/${index}.mts`), text]));
  const options: ts.CompilerOptions = {
    ...ts.parseConfigFileTextToJson('', readFileSync(join(root, 'tsconfig.json'), 'utf8')).config.compilerOptions,
    target: ts.ScriptTarget.ESNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    rootDir: root,
    noEmit: true,
    incremental: false,
    noUnusedLocals: false,
    paths: {
      openais: [join(root, 'src/index.ts')],
      'openais/executive': [join(root, 'src/executive/index.ts')],
      'openais/sim': [join(root, 'src/sim/index.ts')],
    },
  };
  delete options.tsBuildInfoFile;
  const host = ts.createCompilerHost(options);
  const [exists, read, source] = [host.fileExists, host.readFile, host.getSourceFile];
  host.fileExists = (file) => files.has(file) || exists(file);
  host.readFile = (file) => files.get(file) ?? read(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? source(file, version, ...rest)
      : ts.createSourceFile(file, `${text}\nexport {};`, version);
  };
  const compiled = ts.createProgram([...files.keys()], options, host);
  const wrong = [...compiled.getOptionsDiagnostics(), ...[...files.keys()].flatMap(diagnosticsOf)];

  function diagnosticsOf(file: string): readonly ts.Diagnostic[] {
    const parsed = compiled.getSourceFile(file);
    return [...compiled.getSyntacticDiagnostics(parsed), ...compiled.getSemanticDiagnostics(parsed)];
  }
  expect(
    wrong.map(({ file, start, messageText }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const place = programs[[...files.keys()].indexOf(file?.fileName ?? '')]?.place;
      return `${place}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    }),
  ).toEqual([]);
}, 60_000);

test('programs in JavaScript are part of an example', () => {
  const examples = git('examples/*.mjs').map((file) => readFileSync(join(root, file), 'utf8'));
  const strange = blocks('js', guides).filter(({ text }) => !examples.some((example) => example.includes(text)));
  expect(strange.map(({ place }) => place)).toEqual([]);
});

describe('A configuration is one that an executive takes', () => {
  test.each(blocks('conf', /\.md$/))('$place', async ({ text }) => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-'));
    try {
      writeFileSync(join(folder, 'authkey'), Buffer.alloc(128, 7), { mode: 0o400 });
      const withKey = /keyfile/.test(text)
        ? text.replace(/\S*authkey/, 'authkey')
        : text.replace('totem {', 'totem {\n  keyfile: authkey');
      writeFileSync(join(folder, 'openais.conf'), withKey);
      const config = await loadConfig(
        join(folder, 'openais.conf'),
        machineWith({ name: 'eth1', address: '192.0.2.2', prefixLength: 32 }),
      );
      expect(config.warnings).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('A command is there, with its options', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lines = blocks('sh', /\.md$/).flatMap(({ place, text }) =>
    text.split('\n').map((line) => ({ place, line: line.replace(/ #.*| && .*/, '').trim() })),
  );

  test.each(lines.filter(({ line }) => line.startsWith('npx ais')))('$place: $line', ({ line }) => {
    const [, name = '', ...words] = line.split(/\s+/);
    expect(manifest.bin).toHaveProperty(name);
    let command: Command = (name === 'aisexec' ? aisexecCommand : program)({ out() {}, err() {} });
    for (const word of words) {
      if (word.startsWith('-')) {
        const options = command.options.flatMap(({ short, long }) => [short, long]);
        expect(options, `options of ${command.name()}`).toContain(word);
      } else command = command.commands.find((each) => each.name() === word) ?? command;
    }
    // Somewhere below the program itself.
    if (name === 'ais') expect(command.parent).not.toBeNull();
  });

  test.each(lines.filter(({ line }) => /^npm (run|start|test)/.test(line)))('$place: $line', ({ line }) => {
    const [, script] = /^npm (?:run )?(\S+)/.exec(line)!;
    expect(manifest.scripts).toHaveProperty(script!);
  });

  test.each(lines.filter(({ line }) => line.startsWith('node ')))('$place: $line', ({ line }) => {
    expect(git(line.split(' ')[1]!)).toHaveLength(1);
  });
});

test('The timers of the guide are those of the table', () => {
  const guide = readFileSync(join(root, 'docs/guides/tune.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| `(lan|slow|fast)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  expect(rows).toHaveLength(3);
  for (const [, profile, ...cells] of rows) {
    const shown = cells.map((cell) => cell.split(',').map(Number));
    const made = [3, 8, 32].map((nodes) => makeTimers({ profile: profile as TimerProfile, nodes }));
    expect(shown, profile).toEqual(made.map(({ token, consensus }) => [token, consensus]));
  }
});

test('Keys that the guide says to be the same here are', () => {
  const names = (section: SectionSpec): string[] => [
    ...Object.keys(section.keys),
    ...Object.entries(section.sections).flatMap(([name, each]) => [name, ...names(each)]),
  ];
  const known = new Set(names(schema));
  const guide = readFileSync(join(root, 'docs/guides/move.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| (`(?:totem|nodelist|quorum|logging|uidgid)\..*?) \| (the same.*?) \|$/gm)];
  expect(rows.length).toBeGreaterThan(5);
  const keys = rows.flatMap(([, left]) =>
    [...left!.matchAll(/`([\w.: ]+)`/g)].map(([, key]) => key!.split('.').at(-1)!),
  );
  expect(keys.map((key) => key.split(':')[0]!).filter((key) => !known.has(key))).toEqual([]);
});
