import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { aboveFloor, versionsNeeded } from '../../scripts/floor.mjs';

test('What is newer than the libraries of Node 20 is named, number by number', () => {
  const old = [
    'memcpy@GLIBC_2.14',
    'pthread_create@GLIBC_2.2.5',
    'fcntl64@GLIBC_2.28',
    '_ZSt4x@GLIBCXX_3.4',
    'f@GCC_3.4',
  ];
  const tooNew = [
    'pthread_create@GLIBC_2.34',
    'g@GLIBC_3.0',
    '_ZSt4x@GLIBCXX_3.4.26',
    'x@CXXABI_1.3.13',
    'y@CXXABI_FLOAT128',
  ];
  expect(aboveFloor([...old, ...tooNew])).toEqual(tooNew);
});

test('A family of versions that nobody has heard of is none that an older system has', () => {
  expect(aboveFloor(['x@OPENSSL_3.0.0', 'y@GLIBC_PRIVATE'])).toEqual(['x@OPENSSL_3.0.0', 'y@GLIBC_PRIVATE']);
});

const noReadelf = spawnSync('readelf', ['--version']).status === 0 ? '' : ' (needs readelf: apt-get install binutils)';

test.skipIf(noReadelf !== '')(`What a binary needs is read from it${noReadelf}`, () => {
  const needed = versionsNeeded(process.execPath);
  expect(needed.some((symbol) => /^memcpy@GLIBC_2/.test(symbol))).toBe(true);
  expect(() => versionsNeeded(import.meta.filename)).toThrow('readelf failed');
});
