import { describe, expect, it } from 'vitest';
import { formatScenario, parseScenario } from '../../../src/sim/scenario/parse.js';
import { runScenario } from '../../../src/sim/scenario/run.js';
import { Words } from '../../../src/sim/scenario/words.js';

const TEXT = `# A remark.

nodes 2
advance 5ms
----
printed

# Another.
show state
----
one
two

# The end.
`;

describe('a scenario', () => {
  it('is blocks of commands with what they print, and goes back to the same text', () => {
    const scenario = parseScenario(TEXT);
    expect(scenario.blocks.map(({ commands }) => commands.map(({ words }) => words.join(' ')))).toEqual([
      ['nodes 2', 'advance 5ms'],
      ['show state'],
    ]);
    expect(scenario.blocks.map(({ expected }) => expected)).toEqual([['printed'], ['one', 'two']]);
    expect(formatScenario(scenario, [['printed'], ['one', 'two']])).toBe(TEXT);
  });

  it('may lack what its commands print', () => {
    const scenario = parseScenario('nodes 2\n\nshow state\n');
    expect(scenario.blocks).toHaveLength(2);
    expect(formatScenario(scenario, [[], ['x']])).toBe('nodes 2\n----\n\nshow state\n----\nx\n');
  });

  for (const [command, message] of [
    ['jump 3', "line 1: there is no command 'jump'"],
    ['advance 5ms', "line 1: the first command is 'nodes'"],
    ['nodes two', "line 1: a number of nodes is a number, not 'two'"],
    ['nodes 2\nnodes 2', 'line 2: there are nodes already'],
    ['nodes 2\ncrash 3', 'line 2: there is no node 3'],
    ['nodes 2\nadvance 5', "line 2: a time is like 5ms or 1.5s, not '5'"],
    ['nodes 2\nloss 5', "line 2: a percentage is like 30%, not '5'"],
    ['nodes 2\nsend 1 urgent agreed 5', "line 2: a priority is recovery, high, medium, low, not 'urgent'"],
    ['nodes 2\npartition 1', 'line 2: every node is on one side'],
    ['nodes 2\nheal now', "line 2: 'now' is not expected here"],
    ['nodes 2 colour=red', "line 1: no setting 'colour'"],
  ] as const) {
    it(`says what is wrong with '${command.replace('\n', "' '")}'`, () => {
      expect(() => runScenario(parseScenario(command))).toThrow(message);
    });
  }
});

describe('words', () => {
  it('are times, sizes and counts', () => {
    const words = new Words(['1.5ms', '4KiB', '1MiB', '30%', 'x7', 'end']);
    expect([words.duration(), words.size(), words.size(), words.percentage(), words.times(), words.times()]).toEqual([
      1_500_000, 4096, 1_048_576, 0.3, 7, 1,
    ]);
    expect(words.has('end')).toBe(true);
    expect(() => words.word('more')).toThrow('more is missing');
  });
});
