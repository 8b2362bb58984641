/** What a node says of itself with each configuration. */
import { BodyReader, BodyWriter } from '../../ipc/body.js';

export interface OwnNode {
  readonly name: string;
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** ms since the Unix epoch. */
  readonly bootTimestamp: number;
}

export interface Greeting extends OwnNode {
  /** The view since which the node is in the cluster; 0: it comes for the first time. */
  readonly initialViewNumber: number;
}

export function encodeGreeting({ name, address, family, bootTimestamp, initialViewNumber }: Greeting): Buffer {
  const isIPv6 = family === 'IPv6';
  return new BodyWriter().text(name).text(address).bool(isIPv6).f64(bootTimestamp).f64(initialViewNumber).finish();
}

/** @throws {BodyError} */
export function decodeGreeting(bytes: Buffer): Greeting {
  const reader = new BodyReader(bytes);
  const greeting: Greeting = {
    name: reader.text(),
    address: reader.text(),
    family: reader.bool() ? 'IPv6' : 'IPv4',
    bootTimestamp: reader.f64(),
    initialViewNumber: reader.f64(),
  };
  reader.end();
  return greeting;
}
