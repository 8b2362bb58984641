/** Arguments that are wrong in ways that no type shows. */
import { expect, test } from 'vitest';
import { checkSectionId } from '../../src/client/ckpt/arguments.js';
import { checkData } from '../../src/client/evt/arguments.js';
import { during } from './support/pump.js';
import { bytes, eachWay } from './support/scene.js';

const INVALID = { code: 'SA_AIS_ERR_INVALID_PARAM' };

/** Bytes whose memory went to another thread. */
function transferred(): Uint8Array {
  const data = new Uint8Array(8);
  structuredClone(data.buffer, { transfer: [data.buffer] });
  return data;
}

eachWay((scene) => {
  test('Bytes whose memory was transferred are refused, and the connection goes on', async () => {
    const { session, texts } = await scene().note(['g']);
    expect(() => session.send(transferred())).toThrow(expect.objectContaining(INVALID));
    expect(() => session.sendAll([bytes('x'), transferred()])).toThrow(
      expect.objectContaining({ ...INVALID, index: 1 }),
    );
    await expect(session.mcast(transferred())).rejects.toMatchObject(INVALID);
    await session.mcast(bytes('y'));
    await during(scene().world, session.flush());
    expect(texts).toEqual(['y']);
  });

  test('What only looks like bytes is refused', async () => {
    const { session } = await scene().note(['g']);
    for (const data of [Object.create(Uint8Array.prototype), new Proxy(bytes('x'), {})])
      expect(() => session.send(data)).toThrow(expect.objectContaining(INVALID));
  });

  test('A configuration whose id is longer than any is refused', async () => {
    const { session } = await scene().note(['g']);
    const mcast = session.mcast(bytes('x'), { configuration: 'x'.repeat(70_000) });
    await expect(mcast).rejects.toMatchObject(INVALID);
  });

  test('Options behind handlers that are missing are refused, rather than overlooked', async () => {
    const joined = scene().ais.evs.join(['g'], undefined as never, { queueBytes: 1 });
    await expect(joined).rejects.toMatchObject(INVALID);
  });
});

test('Neither events nor ids of sections are made of bytes whose memory was transferred', () => {
  expect(() => checkData('evt.publish', transferred())).toThrow(expect.objectContaining(INVALID));
  expect(() => checkSectionId('ckpt.read', transferred())).toThrow(expect.objectContaining(INVALID));
});
