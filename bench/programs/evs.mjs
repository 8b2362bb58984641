// Group messaging as a benchmark uses it: one group of all clients, who send as fast as flow control admits, or at a pace.

import { HEAD, microseconds, Receiver, Sender } from './messages.mjs';

const GROUP = 'bench';
/** Messages a burst, at most; the loop is given back between bursts. */
const BURST = 256;
/** And bytes. */
const BURST_BYTES = 1 << 20;
/** A paced message that is later than this, in µs, keeps the time that it should have left at: who was held up has waited. */
const HELD_UP = 2000;

/**
 * @param {import('../../dist/index.js').Ais} ais
 * @param {(answer: object) => void} say
 * @returns {Promise<Record<string, import('./client.mjs').Order>>}
 */
export async function evsOrders(ais, say) {
  const me = ais.nodeId;
  const receiver = new Receiver(me);
  const session = await ais.evs.join(
    [GROUP],
    {
      message: ({ sender, data }) => receiver.take(sender, data),
      configuration: ({ members, kind }) => say({ configuration: members, kind, at: microseconds() / 1e6 }),
    },
    { borrow: true },
  );
  void session.closed.then((reason) => {
    process.stderr.write(`bench: the session of node ${me} has ended: ${reason?.message ?? 'closed'}\n`);
    process.exit(1);
  });
  const route = session.route({ to: [GROUP] });
  let number = 0;
  let sampleEvery = 1;
  /** Another one each time that somebody says what to send: the one before then ends. */
  let turn = 0;

  /** @param {Sender} sender @param {number} at its time of sending, 0 if it is not a sample */
  function send(sender, at) {
    if (!route.send(sender.next(at))) return false;
    sender.accepted();
    number = sender.number;
    return true;
  }

  /** @param {number} size */
  async function flood(size) {
    const mine = ++turn;
    const sender = new Sender(me, size, number);
    const burst = Math.max(1, Math.min(BURST, Math.floor(BURST_BYTES / size)));
    while (mine === turn) {
      let left = burst;
      while (left > 0 && send(sender, (sender.number & (sampleEvery - 1)) === 0 ? microseconds() : 0)) left -= 1;
      if (left > 0) await route.drain();
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** One message each `interval` µs; where the timer is late, all that were due. @param {number} size @param {number} interval */
  function pace(size, interval) {
    const mine = ++turn;
    const sender = new Sender(me, size, number);
    let due = microseconds() + interval;
    const timer = setInterval(() => {
      if (mine !== turn) return clearInterval(timer);
      for (let now = microseconds(); due <= now; now = microseconds()) {
        if (!send(sender, now - due > HELD_UP ? due : now)) return;
        due += interval;
      }
    }, 1);
  }

  return {
    /** What will come, how many of them are to be timed, and the clocks of nodes 1, 2, … against one that all are told of, in µs. */
    expect: ({ size, sampleEvery: every, clocks }) => {
      sampleEvery = every;
      receiver.size = size;
      receiver.clocks = clocks;
      receiver.sampleEvery = every;
      return {};
    },
    flood: ({ size }) => {
      void flood(Math.max(size, HEAD)).catch(ended);
      return {};
    },
    pace: ({ size, interval }) => {
      pace(Math.max(size, HEAD), interval);
      return {};
    },
    /** Answers when all that was sent has been delivered here. */
    quiet: async () => {
      turn += 1;
      await session.flush().catch(ended);
      return {};
    },
    report: () => receiver.report(),
  };
}

/** The session tells it, too. */
function ended() {}
