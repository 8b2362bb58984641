// Lines of JSON over TCP between a benchmark and an agent who share a key. Both sides open with a nonce; every line after that carries a MAC
// over its direction, its number and its text under a key that both nonces go into: nothing is forged, changed, left out or said twice. It is
// not encrypted.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const NONCE_BYTES = 32;
const LINE_MAX = 1 << 20;
const HANDSHAKE_MS = 5000;

/** @typedef {'controller' | 'agent'} Role */

export class Channel {
  /** @type {(message: any) => void} */
  onMessage = () => {};
  /** Once, whoever ended it. @type {(reason: Error | undefined) => void} */
  onClose = () => {};
  #nonce = randomBytes(NONCE_BYTES).toString('hex');
  /** @type {Buffer | undefined} until the other side has told its nonce */
  #session;
  #sent = 0;
  #received = 0;
  #pending = '';
  /** @type {Error | undefined} */
  #reason;
  /** @type {object[]} what waits for the session */
  #waiting = [];

  /** @param {import('node:net').Socket} socket @param {Uint8Array} key @param {Role} role ours */
  constructor(socket, key, role) {
    this.socket = socket;
    this.key = key;
    this.role = role;
    socket.setEncoding('utf8').setNoDelay();
    const timer = setTimeout(() => this.close(new Error('the other side says nothing')), HANDSHAKE_MS);
    socket.on('data', (text) => this.#take(String(text)));
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => {
      clearTimeout(timer);
      this.onClose(this.#reason);
    });
    this.heard = () => clearTimeout(timer);
    socket.write(`${this.#nonce}\n`);
  }

  /** @param {object} message */
  send(message) {
    if (this.#session === undefined) {
      this.#waiting.push(message);
      return;
    }
    const text = JSON.stringify(message);
    this.socket.write(`${this.#mac(this.#session, this.role, this.#sent++, text)} ${text}\n`);
  }

  /** @param {Error} [reason] */
  close(reason) {
    this.#reason ??= reason;
    this.socket.destroy();
  }

  /** @param {string} text */
  #take(text) {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    if (this.#pending.length > LINE_MAX) this.close(new Error('a line is too long'));
    for (const line of lines) {
      if (this.socket.destroyed) return;
      if (this.#session === undefined) this.#open(line);
      else this.#read(this.#session, line);
    }
  }

  /** @param {string} nonce the other's */
  #open(nonce) {
    if (!/^[0-9a-f]{64}$/.test(nonce) || nonce === this.#nonce) {
      this.close(new Error('that is no agent'));
      return;
    }
    const [first, second] = this.role === 'controller' ? [this.#nonce, nonce] : [nonce, this.#nonce];
    this.#session = createHmac('sha256', this.key).update(`openais-bench 1 ${first} ${second}`).digest();
    for (const message of this.#waiting.splice(0)) this.send(message);
  }

  /** @param {Buffer} session @param {string} line */
  #read(session, line) {
    const text = line.slice(2 * NONCE_BYTES + 1);
    const other = this.role === 'controller' ? 'agent' : 'controller';
    const mac = Buffer.from(this.#mac(session, other, this.#received++, text));
    const given = Buffer.from(line.slice(0, 2 * NONCE_BYTES));
    if (given.length !== mac.length || !timingSafeEqual(given, mac)) {
      this.close(new Error('the other side has another key'));
      return;
    }
    this.heard();
    this.onMessage(JSON.parse(text));
  }

  /** @param {Buffer} session @param {Role} role @param {number} number @param {string} text */
  #mac(session, role, number, text) {
    return createHmac('sha256', session).update(`${role} ${number} ${text}`).digest('hex');
  }
}
