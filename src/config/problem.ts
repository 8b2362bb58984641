/**
 * What is wrong with a configuration, and where: `file:line:column: message` with the line and a caret under it, or the
 * path of the property for the object form.
 */

/** Where a key, a value or a section stands. Line and column count from 1; `length` is in characters. */
export interface Place {
  /** As a property: `totem.interface[0].ttl`. */
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly length?: number;
}

export interface Problem {
  readonly place: Place;
  readonly message: string;
}

/** What the places refer to: a file's name and lines, or an object. */
export interface Source {
  readonly name: string;
  readonly lines?: readonly string[];
}

/** More are of no use to anyone; the first ones usually cause the rest. */
export const problemsShown = 20;

/** Thrown with everything that is wrong at once. `message` is ready to be printed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'SA_AIS_ERR_INVALID_PARAM';
  readonly problems: readonly Problem[];
  /** Each problem in a line: for a log. */
  readonly lines: readonly string[];

  constructor(source: Source, problems: readonly Problem[]) {
    const shown = problems.slice(0, problemsShown);
    const left = problems.length - shown.length;
    const more = left > 0 ? [`and ${left} more`] : [];
    super([...shown.map((problem) => renderProblem(source, problem)), ...more].join('\n'));
    this.problems = problems;
    this.lines = [...shown.map((problem) => headOf(source, problem)), ...more];
  }
}

function headOf(source: Source, { place: { line, column, path }, message }: Problem): string {
  if (line !== undefined && column !== undefined) return `${source.name}:${line}:${column}: ${message}`;
  return path === '' ? `${source.name}: ${message}` : `${source.name}: ${path}: ${message}`;
}

export function renderProblem(source: Source, problem: Problem): string {
  const { line, column, length } = problem.place;
  const head = headOf(source, problem);
  const text = line === undefined ? undefined : source.lines?.[line - 1];
  if (text === undefined || column === undefined) return head;
  // Tabs stay tabs, so that the caret stands where the terminal puts the word.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${head}\n  ${text}\n  ${indent}${'^'.repeat(Math.max(1, length ?? 1))}`;
}

/** The candidate that was probably meant: at most a third of its letters differ. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours, each at 1. Words beyond the bound are simply far apart.
 */
function editDistance(a: string, b: string): number {
  const longestWord = 64;
  if (a.length > longestWord || b.length > longestWord) return longestWord;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
