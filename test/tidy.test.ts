import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * What reviewers would have to look for in every change: the directions between folders, the size of files, calls that
 * a core layer must not make, and what must never be committed. A rule that has to be broken is changed here, with its
 * reason.
 */
const root = join(import.meta.dirname, '..');

/** What git knows or would take: build folders are none of our business. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

interface Source {
  readonly file: string;
  readonly text: string;
}

function sources(pattern: RegExp): Source[] {
  return files
    .filter((file) => pattern.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

const typescript = sources(/^src\/.*\.ts$/);
const native = sources(/^native\/.*\.(cc|hpp)$/);
const written = sources(/\.(ts|mjs|cc|hpp|md|json|gyp|txt|sh|conf)$|^\.ci\/|^CMakeLists/).filter(
  ({ file }) => file !== 'package-lock.json' && file !== 'test/tidy.test.ts',
);

/** Lines that match, as `file:line: text`. */
function matches(where: readonly Source[], pattern: RegExp): string[] {
  return where.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

// --- Directions
// -----------------------------------------------------------------------------------------------------------

/** The room of a file: the first folder below src/, services apart, or the file itself at the top. */
function roomOf(file: string): string {
  const [, first = '', second = ''] = file.split('/');
  return first === 'services' ? `services/${second}` : first.replace(/\.ts$/, '');
}

/** What each room may import beside itself: rooms, the whole of them, and files. A room that is not named may not exist. */
const mayImport: Record<string, readonly string[]> = {
  'ais-error': [],
  index: ['client', 'ais-error'],
  totem: [],
  native: ['totem', 'ais-error'],
  gmi: ['totem'],
  config: ['totem'],
  observe: [],
  ipc: ['ais-error', 'observe'],
  client: ['ipc', 'ais-error'],
  'services/evs': ['gmi', 'ipc', 'ais-error'],
  // What services are written against is one file of the executive.
  'services/clm': ['src/executive/service.ts', 'ipc', 'ais-error'],
  'services/ckpt': ['src/executive/service.ts', 'ipc', 'ais-error'],
  'services/evt': ['src/executive/service.ts', 'ipc', 'ais-error'],
  executive: [
    'gmi',
    'totem',
    'native',
    'config',
    'services/evs',
    'services/clm',
    'services/ckpt',
    'services/evt',
    'client',
    'ipc',
    'observe',
    'ais-error',
  ],
  sim: [
    'totem',
    'native',
    'gmi',
    'config',
    'src/executive/service.ts',
    'src/executive/manager/manager.ts',
    'src/executive/manager/votes.ts',
    'services/ckpt',
    'services/evs',
    'services/evt',
    'client',
    'ipc',
    'ais-error',
  ],
  // The doctor tries whether the addon loads.
  cli: ['executive', 'client', 'config', 'ipc', 'observe', 'index', 'ais-error', 'src/native/load.ts'],
};

/** Types alone: who implements an interface knows it, and a checker the words of what it checks. */
const mayKnow: Record<string, readonly string[]> = {
  native: ['gmi'],
  observe: ['native'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const specifier =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function importsOf({ file, text }: Source): Import[] {
  return [...text.matchAll(specifier)].map((match) => {
    const target = match[2] ?? match[3]!;
    const to = target.startsWith('.') ? normalize(join(dirname(file), target)).replace(/\.js$/, '.ts') : target;
    return { from: file, to, isTypeOnly: match[1] !== undefined };
  });
}

const imports = typescript.flatMap(importsOf);

describe('Directions between the rooms of src/', () => {
  test('each room imports only what lies below it', () => {
    const wrong = imports.filter(({ from, to, isTypeOnly }) => {
      const [own, other] = [roomOf(from), roomOf(to)];
      if (!to.startsWith('src/') || own === other) return false;
      if (mayImport[own]?.includes(other) || mayImport[own]?.includes(to)) return false;
      return !(isTypeOnly && mayKnow[own]?.includes(other));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('a service knows nothing of the executive but its service handler interface', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        from.startsWith('src/services/') && to.startsWith('src/executive/') && to !== 'src/executive/service.ts',
    );
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('every room has its directions written down', () => {
    expect([...new Set(typescript.map(({ file }) => roomOf(file)))].filter((room) => !(room in mayImport))).toEqual([]);
  });

  test('every room is on the map of ARCHITECTURE.md', () => {
    const map = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const rooms = new Set(files.flatMap((file) => /^(?:src|native)\/[^/]+(?=\/)/.exec(file) ?? []));
    expect([...rooms].filter((room) => !map.includes(`\`${room}\``))).toEqual([]);
  });

  test('the core layers import no module of Node', () => {
    const core = /^src\/(totem|gmi)\//;
    const wrong = imports.filter(({ from, to }) => core.test(from) && !to.startsWith('src/'));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('the simulator and its checker open no socket', () => {
    const sockets = /^node:(net|dgram|http|https|tls)$/;
    const wrong = imports.filter(({ from, to }) => from.startsWith('src/sim/') && sockets.test(to));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('the checker knows the words of the boundary, and nothing of the implementation', () => {
    const own = (path: string) => path.startsWith('src/sim/checker/');
    const wrong = imports.filter(
      ({ from, to, isTypeOnly }) =>
        own(from) && to.startsWith('src/') && !own(to) && !(isTypeOnly && to === 'src/totem/boundary.ts'),
    );
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('packages are those of package.json, and only the command line needs any', () => {
    const packages = imports.filter(({ to }) => !to.startsWith('src/') && !to.startsWith('node:'));
    expect(packages.filter(({ from, to }) => to !== 'commander' || !from.startsWith('src/cli/'))).toEqual([]);
  });

  test('the addon is loaded in one place', () => {
    expect(
      matches(typescript, /(?<!'clm)\.node['"`]/).filter((line) => !line.startsWith('src/native/load.ts')),
    ).toEqual([]);
  });

  test('every file can be reached from an entry', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const exported = Object.values<{ import?: { default: string } }>(manifest.exports).flatMap(
      (entry) => entry.import?.default ?? [],
    );
    const entries = [...exported, ...Object.values<string>(manifest.bin)].map((path) =>
      normalize(path)
        .replace(/^dist\//, 'src/')
        .replace(/\.js$/, '.ts'),
    );
    // Processes of their own: a script or another process starts them by their path.
    const started = typescript.map(({ file }) => file).filter((file) => isStartedByPath(file));
    const reached = new Set<string>();
    const visit = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { from, to } of imports) if (from === file) visit(to);
    };
    for (const entry of [...entries, ...started, ...readersForTests]) visit(entry);
    expect(typescript.map(({ file }) => file).filter((file) => !reached.has(file))).toEqual([]);
  });
});

/** What tests and measurements read, and the product only writes. */
const readersForTests = ['src/native/trace-file.ts'];

const starters = sources(/^(src\/.*\.ts|scripts\/.*\.mjs|bench\/.*\.mjs|test\/mutants\/.*\.mjs)$/);

/** Another file names it as a path: `dist/sim/cli.js` in a script, `new URL('./branch.js', …)` in a source. */
function isStartedByPath(file: string): boolean {
  const compiled = file.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js');
  return starters.some(({ file: starter, text }) => {
    if (text.includes(compiled)) return true;
    const sibling = relative(dirname(starter), file).replace(/\.ts$/, '.js');
    return [`new URL('${sibling}'`, `new URL('./${sibling}'`].some((start) => text.includes(start));
  });
}

describe('Directions between the rooms of native/', () => {
  const included: Record<string, readonly string[]> = {
    core: [],
    crypto: ['core'],
    io: ['core', 'crypto'],
    binding: ['core', 'crypto', 'io'],
  };
  const includes = native.flatMap(({ file, text }) =>
    [...text.matchAll(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/gm)].map(([, bracket, target]) => ({
      file,
      bracket,
      target: target!,
    })),
  );

  /** The room that a quoted include leads to. */
  const roomOfInclude = (file: string, target: string) => {
    const beside = normalize(join(dirname(file), target));
    return (files.includes(beside) ? beside : `native/${target}`).split('/')[1];
  };

  test.each(Object.entries(included))('%s includes only what lies below it', (room, below) => {
    const wrong = includes.filter(({ file, bracket, target }) => {
      if (bracket !== '"' || !file.startsWith(`native/${room}/`)) return false;
      const other = roomOfInclude(file, target);
      return other !== room && !below.includes(other ?? '');
    });
    expect(wrong.map(({ file, target }) => `${file} includes ${target}`)).toEqual([]);
  });

  test('the core has neither system, clock, thread nor chance of its own', () => {
    const banned =
      /^(chrono|thread|mutex|condition_variable|random|iostream|fstream|filesystem|ctime|time\.h|unistd\.h)$|\//;
    const wrong = includes.filter(
      ({ file, bracket, target }) => file.startsWith('native/core/') && bracket === '<' && banned.test(target),
    );
    expect(wrong.map(({ file, target }) => `${file} includes <${target}>`)).toEqual([]);
  });

  test('OpenSSL stays in crypto, and Node in binding', () => {
    const wrong = includes.filter(
      ({ file, target }) =>
        (/^openssl\//.test(target) && !/^native\/(crypto|test\/crypto)\//.test(file)) ||
        (/^(napi|node_api|uv)\.h$/.test(target) && !file.startsWith('native/binding/')),
    );
    expect(wrong.map(({ file, target }) => `${file} includes ${target}`)).toEqual([]);
  });
});

/** A document without its programs: a link in a program is none. */
function prose(document: string): string {
  return document.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[\][()]/g, ''));
}

/** Whether a link of a document leads to a file, and to a heading that is in it. */
function leads(from: string, target: string, heading: string | undefined): boolean {
  const path = join(root, target === '' ? from : join(dirname(from), target));
  if (!existsSync(path)) return false;
  return heading === undefined || anchors(readFileSync(path, 'utf8')).has(heading);
}

/** What a heading is called in an address: its words in small letters, with a number if it is there again. */
function anchors(document: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of document.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const name = heading!
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = name;
    for (let again = 1; found.has(unique); again++) unique = `${name}-${again}`;
    found.add(unique);
  }
  return found;
}

// --- Contents
// ------------------------------------------------------------------------------------------------------------

describe('Contents', () => {
  test('core layers take time and chance as arguments', () => {
    const core = typescript.filter(({ file }) => /^src\/(totem|gmi|services)\//.test(file));
    const banned =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\bset(Timeout|Interval|Immediate)\(|\brandomUUID\(/;
    expect(matches(core, banned)).toEqual([]);
    const core_calls = /\b(std::chrono|std::thread|std::mutex|std::random_device|clock_gettime|gettimeofday|rand\()/;
    expect(
      matches(
        native.filter(({ file }) => file.startsWith('native/core/')),
        core_calls,
      ),
    ).toEqual([]);
  });

  test('the simulator takes chance from its seed', () => {
    const simulated = typescript.filter(({ file }) => file.startsWith('src/sim/') && !file.endsWith('cli.ts'));
    expect(matches(simulated, /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/)).toEqual([]);
  });

  test('no source file is longer than 450 lines, no comment wider than 140 columns', () => {
    const sourceFiles = [...typescript, ...native, ...sources(/^(test|scripts|bench)\/.*\.(ts|mjs|cc)$/)];
    const long = sourceFiles.filter(({ text }) => text.split('\n').length > 451);
    expect(long.map(({ file, text }) => `${file}: ${text.split('\n').length - 1} lines`)).toEqual([]);
    // Code is kept to 120 by the formatters, which leave comments and long texts alone.
    expect(matches([...typescript, ...native], /^.{141,}$/)).toEqual([]);
  });

  test('a TODO names its issue', () => {
    expect(matches(written, /\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/)).toEqual([]);
  });

  test('nothing names this machine, its tools or a registry', () => {
    const paths = /(^|[\s'"`(=])\/(work|home|root|tmp)\/|\/\/(registry|deb)\.[a-z]+\.org|localhost:\d{4}\/npm/;
    expect(matches(written, paths)).toEqual([]);
  });

  test('a test is neither alone nor left out by a fixed word', () => {
    expect(
      matches(
        sources(/^test\/.*\.ts$/).filter(({ file }) => file !== 'test/tidy.test.ts'),
        /\b(it|test|describe)\.(skip|only|todo)\(/,
      ),
    ).toEqual([]);
  });

  test('a document has one title', () => {
    const documents = sources(/\.md$/).filter(
      ({ text }) => text.replace(/^```[\s\S]*?^```/gm, '').match(/^# /gm)?.length !== 1,
    );
    expect(documents.map(({ file }) => file)).toEqual([]);
  });

  test('links in documents lead somewhere, to the heading that they name', () => {
    const broken = sources(/\.md$/).flatMap(({ file, text }) =>
      [...prose(text).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)|\b(?:src|href)="([^":]+)"/g)]
        .filter(([, target = '', heading, source]) => !leads(file, source ?? target, heading))
        .map(([link]) => `${file}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('Tests', () => {
  test('a test stands where its source stands', () => {
    const tested = files.filter((file) =>
      /^test\/(?!integration|package|scenarios|native\/build|tidy|scripts|docs).*\.test\.ts$/.test(file),
    );
    const folders = new Set(typescript.map(({ file }) => dirname(file)));
    const astray = tested.filter((file) => !folders.has(dirname(file).replace(/^test/, 'src')));
    expect(astray).toEqual([]);
  });
});
