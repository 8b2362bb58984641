import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Systemd } from '../../src/executive/systemd.js';

/** What was sent, and to where. */
function listen(environment: NodeJS.ProcessEnv) {
  const sent: string[] = [];
  const systemd = new Systemd({
    environment,
    onFailure: (error) => sent.push(`failure: ${error.message}`),
    send: (address, bytes) => {
      if (address === '/gone') throw new Error('nobody');
      sent.push(`${address} ${Buffer.from(bytes)}`);
    },
  });
  return { systemd, sent };
}

test('Each message is one datagram of assignments; a text is one line', () => {
  const { systemd, sent } = listen({ NOTIFY_SOCKET: '@x' });
  const before = process.hrtime.bigint() / 1000n;
  systemd.ready('one\ntwo  three');
  systemd.status('x'.repeat(500));
  systemd.reloading();
  systemd.stopping();
  expect(sent[0]).toBe('@x READY=1\nSTATUS=one two three\n');
  expect(sent[1]).toBe(`@x STATUS=${'x'.repeat(200)}\n`);
  const reloading = /^@x RELOADING=1\nMONOTONIC_USEC=(\d+)\n$/.exec(sent[2]!);
  expect(BigInt(reloading![1]!)).toBeGreaterThanOrEqual(before);
  expect(sent[3]).toBe('@x STOPPING=1\n');
});

test.each([undefined, '', '/', 'vsock:2:1'])('Without a socket that it knows it says nothing: %s', (address) => {
  const { systemd, sent } = listen({ NOTIFY_SOCKET: address, WATCHDOG_USEC: '1000' });
  systemd.ready('x');
  systemd.watch(() => true);
  expect(sent).toEqual([]);
});

test('A socket that is gone is told once', () => {
  const { systemd, sent } = listen({ NOTIFY_SOCKET: '/gone' });
  systemd.ready('x');
  systemd.stopping();
  expect(sent).toEqual(['failure: nobody']);
});

test('The watchdog hears twice an interval that all is well, and nothing while it is not', async () => {
  const { systemd, sent } = listen({ NOTIFY_SOCKET: '/s', WATCHDOG_USEC: '40000', WATCHDOG_PID: String(process.pid) });
  let isAlive = true;
  const start = performance.now();
  systemd.watch(() => isAlive);
  await delay(200);
  const half = 20;
  isAlive = false;
  const beats = sent.length;
  expect(new Set(sent)).toEqual(new Set(['/s WATCHDOG=1\n']));
  expect(beats).toBeGreaterThan(3);
  expect(beats).toBeLessThan((performance.now() - start) / half + 2);
  await delay(60);
  isAlive = true;
  expect(sent).toHaveLength(beats);
  systemd.end();
  await delay(60);
  expect(sent).toHaveLength(beats);
});

test.each([{ WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'soon' }, {}])(
  'There is no watchdog with %o',
  (environment) => {
    const { systemd, sent } = listen({ NOTIFY_SOCKET: '/s', ...environment });
    systemd.watch(() => true);
    expect(sent).toEqual([]);
  },
);
