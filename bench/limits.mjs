// What a link can carry at most: UDP payload on full frames, before any header of a group communication system.

/** @typedef {'100mbit' | '1gbit' | 'none'} Link */

/** IP and UDP headers, bytes. */
const HEADERS = 28;
/** Around an IP packet on Ethernet, bytes: header, checksum, preamble and gap between frames. */
const FRAMING = 38;

/** @type {Record<Exclude<Link, 'none'>, number>} */
const bitsPerSecond = { '100mbit': 100e6, '1gbit': 1e9 };

/**
 * MB/s of payload through one link: 11.96 and 119.6 at MTU 1500; null where the link has no rate.
 * @param {Link} link
 * @param {number} mtu
 */
export function goodput(link, mtu) {
  return link === 'none' ? null : (bitsPerSecond[link] / 8e6) * ((mtu - HEADERS) / (mtu + FRAMING));
}

/**
 * What each member can be delivered, MB/s. Where all send, a receiver's link carries only what the others sent.
 * @param {Link} link
 * @param {number} mtu
 * @param {number} nodes
 * @param {number} senders
 */
export function deliveryLimit(link, mtu, nodes, senders) {
  const limit = goodput(link, mtu);
  if (limit === null || nodes < 2) return null;
  return senders === nodes ? (limit * nodes) / (nodes - 1) : limit;
}
