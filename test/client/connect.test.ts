import { expect, test, vi } from 'vitest';
import { AisError, connect } from '../../src/index.js';

test('An absent executive rejects at once with TRY_AGAIN and the cause', async () => {
  const error = await connect({ socketPath: '/nowhere/ais.sock' }).catch((reason: unknown) => reason);
  expect(AisError.is(error)).toBe(true);
  expect(error).toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN', operation: 'ais.connect', cause: { code: 'ENOENT' } });
  expect((error as AisError).hint).toContain('aisexec');
});

test('Without a path it is $AIS_SOCKET', async () => {
  vi.stubEnv('AIS_SOCKET', '/nowhere/else.sock');
  await expect(connect()).rejects.toThrow('/nowhere/else.sock');
  vi.unstubAllEnvs();
});

test('A path that the kernel would cut off is refused', async () => {
  await expect(connect({ socketPath: `/${'x'.repeat(107)}` })).rejects.toMatchObject({
    code: 'SA_AIS_ERR_INVALID_PARAM',
  });
});

test('Wrong options are refused first', async () => {
  const any = (value: unknown) => value as never;
  const invalid = { code: 'SA_AIS_ERR_INVALID_PARAM' };
  for (const options of [
    5,
    null,
    { socketPath: 5 },
    { timeout: -1 },
    { defaultTimeout: 'x' },
    { defaultTryAgain: 'x' },
    { signal: {} },
  ]) {
    await expect(connect(any(options)), JSON.stringify(options)).rejects.toMatchObject(invalid);
  }
  await expect(connect({ versions: { evs: 'A.01.01' } })).rejects.toMatchObject({ code: 'SA_AIS_ERR_VERSION' });
  await expect(connect({ signal: AbortSignal.abort('no') })).rejects.toBe('no');
});

test('An AisError is known across two copies of the package', async () => {
  const copy = { [Symbol.for('openais.AisError')]: true };
  expect(AisError.is(copy)).toBe(true);
  for (const other of [new Error('x'), undefined, null, 'AisError', {}]) expect(AisError.is(other)).toBe(false);
});
