// docs/API.md from the sources: what each entry of the package exports, with its comments. `npm test -- docs/api -u` writes it.
import { join, relative } from 'node:path';
import ts from 'typescript';

/** @typedef {{ entry: string, source: string, detail: 'declarations' | 'names', about: string }} Entry */

/** @type {readonly Entry[]} */
const ENTRIES = [
  {
    entry: 'openais',
    source: 'src/index.ts',
    detail: 'declarations',
    about: 'For users of the services. It needs no native code: it speaks to the executive of its machine.',
  },
  {
    entry: 'openais/executive',
    source: 'src/executive/index.ts',
    detail: 'declarations',
    about: 'An executive in this process, and what services of your own are made of. It needs the native addon.',
  },
  {
    entry: 'openais/sim',
    source: 'src/sim/index.ts',
    detail: 'names',
    about:
      'The simulator ([SIMULATOR.md](SIMULATOR.md)). Made for checking the ring; it may change with every version.',
  },
];

const INTRODUCTION = `# API

Everything that the package exports, made from its sources: declarations as they stand there, with their comments. Times are in
milliseconds unless a comment says otherwise. Promises reject with an \`AisError\`; its \`outcome\` says whether the call may have had an
effect. How things fit together is in the guides: [a first cluster](guides/first-cluster.md), [an executive in your
application](guides/embed.md), [a service of your own](guides/write-a-service.md).
`;

/**
 * @param {string} root
 * @returns {string}
 */
export function apiReference(root) {
  const files = ENTRIES.map(({ source }) => join(root, source));
  const program = ts.createProgram(files, optionsOf(root));
  const sections = ENTRIES.map((entry, index) => section(program, entry, files[index] ?? '', root));
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

/** @param {string} root */
function optionsOf(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return { ...options, incremental: false, tsBuildInfoFile: undefined };
}

/**
 * @param {ts.Program} program
 * @param {Entry} entry
 * @param {string} file
 * @param {string} root
 */
function section(program, { entry, detail, about }, file, root) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is no module`);
  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, declaration: declarationOf(checker, symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = exported.map(({ name, declaration }) => {
    const title = detail === 'declarations' ? `[\`${name}\`](#${name.toLowerCase()})` : `\`${name}\``;
    return `| ${title} | ${kindOf(declaration)} | ${firstSentence(declaration)} |`;
  });
  const parts = [`## ${entry}\n\n${about}\n\n| name | | |\n|---|---|---|\n${rows.join('\n')}\n`];
  if (detail === 'declarations')
    for (const { name, declaration } of exported) {
      const from = relative(root, declaration.getSourceFile().fileName);
      parts.push(`### ${name}\n\nFrom [${from}](../${from}).\n\n\`\`\`ts\n${textOf(program, declaration)}\n\`\`\`\n`);
    }
  return parts.join('\n');
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Symbol} symbol
 * @returns {ts.Declaration}
 */
function declarationOf(checker, symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = target.declarations?.[0];
  if (!declaration) throw new Error(`${symbol.name} has no declaration`);
  return declaration;
}

/** @param {ts.Declaration} declaration */
function kindOf(declaration) {
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isFunctionDeclaration(declaration)) return 'function';
  return ts.isVariableDeclaration(declaration) ? 'constant' : 'type';
}

/**
 * The node that its comment stands at.
 * @param {ts.Declaration} declaration
 */
function statementOf(declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

/** @param {ts.Declaration} declaration */
function firstSentence(declaration) {
  const comment = ownComment(statementOf(declaration));
  const text = comment
    .replace(/^\/\*\*|\*\/$|^ *\* ?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return (/^.*?\.(?= |$)/.exec(text)?.[0] ?? text).replaceAll('|', '\\|');
}

/**
 * The comment right above: one with an empty line behind it is about the file.
 * @param {ts.Node} node
 */
function ownComment(node) {
  const text = node.getSourceFile().text;
  const last = ts.getLeadingCommentRanges(text, node.getFullStart())?.at(-1);
  if (last === undefined || !text.startsWith('/**', last.pos)) return '';
  return /^\s*?\n\s*\n/.test(text.slice(last.end, node.getStart())) ? '' : text.slice(last.pos, last.end);
}

/**
 * @param {ts.Node} node
 * @param {string} text
 */
const withComment = (node, text) => `${ownComment(node)}\n${text}`.trim();

/**
 * An interface or a type as it is written; of classes, functions and constants what a user sees.
 * @param {ts.Program} program
 * @param {ts.Declaration} declaration
 */
function textOf(program, declaration) {
  if (
    ts.isClassDeclaration(declaration) ||
    ts.isFunctionDeclaration(declaration) ||
    ts.isVariableDeclaration(declaration)
  )
    return declared(program, declaration);
  const text = declaration.getText();
  if (!ts.isTypeAliasDeclaration(declaration) || !text.includes('keyof typeof')) return withComment(declaration, text);
  const type = program.getTypeChecker().getTypeAtLocation(declaration);
  const words = type.isUnion() ? type.types.map((each) => `  | '${each.isStringLiteral() ? each.value : ''}'`) : [];
  return withComment(declaration, `export type ${declaration.name.text} =\n${words.join('\n')};`);
}

/**
 * The declaration that the compiler makes of it.
 * @param {ts.Program} program
 * @param {ts.ClassDeclaration | ts.FunctionDeclaration | ts.VariableDeclaration} declaration
 */
function declared(program, declaration) {
  const source = declaration.getSourceFile();
  let text = '';
  program.emit(
    source,
    (file, content) => {
      if (file.endsWith('.d.ts')) text = content;
    },
    undefined,
    true,
  );
  const file = ts.createSourceFile('declared.d.ts', text, ts.ScriptTarget.ESNext, true);
  const name = declaration.name?.getText();
  const found = file.statements.filter((each) =>
    ts.isVariableStatement(each)
      ? each.declarationList.declarations.some((one) => one.name.getText() === name)
      : (ts.isClassDeclaration(each) || ts.isFunctionDeclaration(each)) && each.name?.text === name,
  );
  const parts = found.map((each) => withComment(each, each.getText()));
  return parts
    .join('\n')
    .replace(/^ +#private;\n/gm, '')
    .replace(/^ +private [^\n]*\n/gm, '')
    .replaceAll('export declare ', 'export ')
    .replace(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2));
}
