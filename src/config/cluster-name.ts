/** What follows from the cluster's name: clusters of different names shall neither hear nor believe each other. */

/** FNV-1a over the UTF-8 bytes, unsigned 32 bits. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** One of 239.192.0.0/16, the block for use within an organisation. */
export function defaultMulticastAddress(clusterName: string): string {
  const hash = fnv1a32(clusterName);
  const folded = (hash >>> 16) ^ (hash & 0xffff);
  return `239.192.${folded >>> 8}.${folded & 0xff}`;
}
