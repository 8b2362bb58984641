// Events as a benchmark uses them: one channel, publishers and subscribers. Events carry the messages of group messaging.

import { microseconds, Receiver, Sender } from './messages.mjs';

/** Events of which the latency is wanted: one in so many. */
const SAMPLE_EVERY = 16;

/**
 * @param {import('../../dist/index.js').Ais} ais
 * @returns {Record<string, import('./client.mjs').Order>}
 */
export function evtOrders(ais) {
  const receiver = new Receiver(ais.nodeId);
  receiver.sampleEvery = SAMPLE_EVERY;
  let lost = 0;
  let number = 0;
  return {
    subscribe: async ({ size }) => {
      receiver.size = size;
      const channel = await ais.evt.open('bench', { create: true, subscriber: true });
      await channel.subscribe([], (event) => {
        if (event.lost) lost += 1;
        else receiver.take(event.data.readUInt32LE(0), event.data);
      });
      return {};
    },
    publish: async ({ size, inFlight, seconds }) => {
      const channel = await ais.evt.open('bench', { create: true, publisher: true });
      const sender = new Sender(ais.nodeId, size, number);
      const end = microseconds() + seconds * 1e6;
      const publish = async () => {
        while (microseconds() < end) {
          const event = sender.next((sender.number & (SAMPLE_EVERY - 1)) === 0 ? microseconds() : 0);
          sender.accepted();
          number = sender.number;
          await channel.publish(event);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, publish));
      return { published: number };
    },
    events: () => ({ ...receiver.report(), lost }),
  };
}
