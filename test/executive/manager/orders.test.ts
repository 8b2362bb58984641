import { expect, test } from 'vitest';
import { decodeOrdered } from '../../../src/executive/manager/ordered.js';
import { Orders } from '../../../src/executive/manager/orders.js';
import type { GroupMessaging } from '../../../src/gmi/group-messaging.js';

const NOTHING = new Uint8Array();

/** A ring that takes so many messages, and tells which. */
function ring(room: number): { readonly sent: string[]; room: number; readonly orders: Orders } {
  const sent: string[] = [];
  const multicast = (_priority: number, _flags: number, header: Buffer) => {
    if (state.room === 0) return false;
    state.room--;
    sent.push(`${header[1]}`);
    return true;
  };
  const state = { sent, room, orders: new Orders({ multicast } as unknown as GroupMessaging, () => 0) };
  return state;
}

/** A message of this node comes by where it does not count. */
function refuse(orders: Orders, fn: number): void {
  const header = decodeOrdered(Buffer.alloc(20), 0, 20)!;
  orders.again(64, fn, 0, header, NOTHING, undefined);
}

test('What was refused goes out again in its order, before what was ordered after it', () => {
  const { orders, sent } = ring(10);
  orders.add(64, 9, NOTHING);
  refuse(orders, 1);
  refuse(orders, 2);
  expect(orders.flush()).toBe(true);
  expect(sent).toEqual(['1', '2', '9']);
});

test('So does what is refused a second time, while others still wait', () => {
  const state = ring(1);
  const { orders, sent } = state;
  refuse(orders, 1);
  refuse(orders, 2);
  orders.add(64, 9, NOTHING);
  expect(orders.flush()).toBe(false);
  refuse(orders, 1);
  state.room = 10;
  expect(orders.flush()).toBe(true);
  expect(sent).toEqual(['1', '1', '2', '9']);
});
