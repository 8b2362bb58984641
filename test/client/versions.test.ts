import { expect, test } from 'vitest';
import { negotiate, SUPPORTED } from '../../src/client/versions.js';

const get = (version: unknown, service = 'evs') => negotiate('ais.connect', { [service]: version });

test.each(['B.01.01', 'B.1.1', 'B.01.00', 'B.01.255'])(
  '%s is supported: the minor number does not matter',
  (version) => {
    expect(get(version).evs).toBe('B.01.01');
  },
);

test.each(['A.01.01', 'B.02.01', 'C.255.255', 'B.00.01'])(
  '%s is not supported, and the error says what is',
  (version) => {
    expect(() => get(version)).toThrow(
      expect.objectContaining({ code: 'SA_AIS_ERR_VERSION', number: 3, supported: 'B.01.01' }),
    );
  },
);

test.each(['', '1.1', 'B', 'b.01.01', 'B.01.01.01', 5, null, {}])('%j is no version', (version) => {
  expect(() => get(version)).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_INVALID_PARAM' }));
});

test('A service that this version does not have is refused; what is not asked for is no question', () => {
  expect(() => get('B.01.01', 'amf')).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_VERSION' }));
  expect(negotiate('ais.connect', undefined)).toEqual(SUPPORTED);
  expect(negotiate('ais.connect', { evs: undefined })).toEqual(SUPPORTED);
  expect(() => negotiate('ais.connect', 'B.01.01')).toThrow(
    expect.objectContaining({ code: 'SA_AIS_ERR_INVALID_PARAM' }),
  );
});
