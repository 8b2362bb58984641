import { expect, test } from 'vitest';
import { ipv4ToNumber, resolveBindAddress, thisMachine } from '../../src/config/address.js';
import { machineWith } from './machine.js';

test('An address of an interface is taken as it is', async () => {
  expect(await resolveBindAddress('192.0.2.10', machineWith())).toEqual({
    address: '192.0.2.10',
    interfaceName: 'eth0',
  });
});

test('A network address stands for the address of its interface', async () => {
  expect(await resolveBindAddress('192.0.2.0', machineWith())).toEqual({
    address: '192.0.2.10',
    interfaceName: 'eth0',
  });
  expect(await resolveBindAddress('127.0.0.0', machineWith())).toEqual({ address: '127.0.0.1', interfaceName: 'lo' });
});

test('On this machine 127.0.0.2 is bound although no interface lists it', async () => {
  expect(await resolveBindAddress('127.0.0.2', thisMachine)).toMatchObject({ address: '127.0.0.2' });
});

test('On this machine an address of documentation is nobody’s', async () => {
  expect(await resolveBindAddress('203.0.113.77', thisMachine)).toEqual({
    refused: expect.stringContaining('neither an address'),
  });
});

test('A network of two addresses is not guessed at', async () => {
  const machine = machineWith({ name: 'eth0', address: '192.0.2.11', prefixLength: 24 });
  expect(await resolveBindAddress('192.0.2.0', machine)).toEqual({
    refused:
      'network 192.0.2.0 is that of several addresses: 192.0.2.10 (eth0), 192.0.2.11 (eth0); name the address itself',
  });
});

test('A point-to-point address is its own, not a network', async () => {
  const machine = machineWith({ name: 'tun0', address: '10.0.0.0', prefixLength: 31 });
  expect(await resolveBindAddress('10.0.0.0', machine)).toEqual({ address: '10.0.0.0', interfaceName: 'tun0' });
});

test('Addresses are numbers in the order of the network, never negative', () => {
  expect(ipv4ToNumber('255.255.255.254')).toBe(4294967294);
  expect(ipv4ToNumber('127.0.0.1')).toBe(2130706433);
});
