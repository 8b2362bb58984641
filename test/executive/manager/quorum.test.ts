import { describe, expect, test } from 'vitest';
import { NO_WAIT } from '../../../src/ipc/link.js';
import { Town } from './town.js';

describe('With quorum', () => {
  const quorum = {
    votes: new Map([1, 2, 3].map((node) => [node, 1])),
    expectedVotes: 3,
    twoNode: false,
    waitForAll: false,
    autoTieBreaker: false,
  };
  function voting(): Town {
    const town = new Town(quorum);
    town.start(1, 2, 3);
    town.settle();
    town.form([1, 2, 3]);
    town.settle();
    return town;
  }

  test('a part without most votes changes nothing, and goes on when it is back', () => {
    const town = voting();
    const [one, three] = [town.client(1), town.client(3)];
    one.put('a', '1');
    town.settle();
    town.form([1, 2]);
    town.form([3]);
    town.settle();
    const waiting = three.put('b', '3');
    const refused = three.put('c', '3', NO_WAIT);
    one.put('a', '2');
    town.settle();
    expect(town.node(3).manager.isPrimary).toBe(false);
    expect(three.code(waiting)).toBeUndefined();
    expect(town.node(3).register.text).toBe('[["a","1"]]');
    town.form([1, 2, 3]);
    town.settle();
    expect([three.code(waiting), three.code(refused)]).toEqual(['SA_AIS_OK', 'SA_AIS_ERR_TRY_AGAIN']);
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","2"],["b","3"]]'));
  });

  test('a node that starts again does not help one that is behind to go on without what it has forgotten', () => {
    const town = voting();
    town.form([1]);
    town.form([2, 3]);
    const three = town.client(3);
    const tag = three.put('a', 'acknowledged');
    town.settle();
    expect(three.code(tag)).toBe('SA_AIS_OK');
    town.crash(2);
    town.form([3]);
    town.start(2);
    town.settle();
    town.form([1, 2]);
    town.settle();
    expect([1, 2].map((node) => town.node(node).manager.isPrimary)).toEqual([false, false]);
    town.form([1, 2, 3]);
    town.settle();
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","acknowledged"]]'));
    // One that has all that the others ever had is enough.
    town.form([2, 3]);
    town.settle();
    town.crash(2);
    town.start(2);
    town.settle();
    town.form([2, 3]);
    town.settle();
    expect(town.node(3).manager.isPrimary).toBe(true);
  });

  test('a cluster of which no node has anything left goes on from nothing', () => {
    const town = voting();
    town.client(1).put('a', '1');
    town.settle();
    for (const node of [1, 2, 3]) town.crash(node);
    town.start(1, 2);
    town.settle();
    town.form([1, 2]);
    town.settle();
    expect(town.node(1).manager.isPrimary).toBe(true);
  });

  test('a read whose barrier comes where there is no quorum is not sent round and round, and is answered where there is', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    const read = three.get('a');
    town.form([3]);
    for (let i = 0; i < 10; i++) town.step();
    expect(town.step()).toBe(false);
    expect(three.code(read)).toBeUndefined();
    town.form([1, 2, 3]);
    town.settle();
    expect(three.code(read)).toBe('SA_AIS_ERR_NOT_EXIST');
  });

  test('a change that is ordered where there is no quorum is ordered again where there is', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    const tag = three.put('b', '3');
    town.form([3]);
    town.settle();
    expect(three.code(tag)).toBeUndefined();
    expect(town.node(3).register.text).toBe('[]');
    town.form([1, 2]);
    town.settle();
    town.form([1, 2, 3]);
    town.settle();
    expect(three.code(tag)).toBe('SA_AIS_OK');
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["b","3"]]'));
  });

  test('a change that a node without the state keeps, and that is not safe yet, waits for the next configuration', () => {
    const town = voting();
    const [one, three] = [town.client(1), town.client(3)];
    town.node(3).plug(0);
    const put = three.put('x', '3');
    town.form([1, 2]);
    town.settle();
    for (let i = 0; i < 3; i++) one.put(`k${i}`, 'v');
    town.settle();
    town.form([1, 2, 3]);
    town.step();
    // Node 2 gets nothing more: what is safe is not delivered, and node 3 has its state in the transitional configuration.
    for (let i = 0; i < 12; i++) town.step((node) => node !== 2);
    expect(three.code(put)).toBeUndefined();
    expect(town.node(3).manager.isSynchronized).toBe(false);
    town.form([1, 3]);
    town.settle();
    expect(town.texts(1, 3).every((text) => text.includes('"x"'))).toBe(true);
    expect(three.code(put)).toBe('SA_AIS_OK');
  });

  /** Of what node 3 has in its queue one message is ordered where there is no quorum. The rest goes out with the others again. */
  function orderOneAlone(town: Town): void {
    town.form([3]);
    town.step();
    town.step();
    town.form([1, 2, 3]);
  }

  test('what was refused goes before what a connection asked for after it, also if that still waits in the queue', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    const first = three.putAgreed('k', 'first');
    const second = three.put('k', 'second');
    orderOneAlone(town);
    town.settle();
    expect([three.code(first), three.code(second)]).toEqual(['SA_AIS_OK', 'SA_AIS_OK']);
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["k","second"]]'));
  });

  test('so it does before the news that its client is gone', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    three.putAgreed('gone 3.1', 'no');
    three.close();
    orderOneAlone(town);
    town.settle();
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["gone 3.1","yes"]]'));
  });

  test('a read sees what its connection asked for before, also if that has to be sent again', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    const put = three.putAgreed('k', 'v');
    const read = three.get('k');
    orderOneAlone(town);
    town.settle();
    expect([three.code(put), three.text(read)]).toEqual(['SA_AIS_OK', 'v']);
  });

  test('a node that is behind has a full queue in front of its marker', () => {
    const town = voting();
    const three = town.client(3);
    town.node(3).plug(0);
    const tags = Array.from({ length: 20 }, (_, index) => three.putAgreed(`${index}`, ''));
    orderOneAlone(town);
    town.settle();
    expect(new Set(tags.map((tag) => three.code(tag)))).toEqual(new Set(['SA_AIS_OK']));
    expect(town.node(1).register.applied).toEqual(tags.map((_, index) => `${index}`));
  });

  test.each([[[1, 2, 3]], [[3]], [[2, 3]]])(
    'a configuration may end before the marker of a node that is behind has come: then %j',
    (next) => {
      const town = voting();
      const three = town.client(3);
      town.node(3).plug(0);
      const tags = Array.from({ length: 4 }, (_, index) => three.putAgreed('k', `${index}`));
      orderOneAlone(town);
      // Hellos, and one that is refused.
      for (let i = 0; i < 2; i++) town.step();
      town.form(next);
      for (let i = 0; i < 2; i++) town.step();
      town.form([1, 2, 3]);
      town.settle();
      expect(tags.map((tag) => three.code(tag))).toEqual(tags.map(() => 'SA_AIS_OK'));
      expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["k","3"]]'));
    },
  );
});
