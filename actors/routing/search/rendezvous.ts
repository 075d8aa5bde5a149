/** FNV-1a over UTF-16 code units, 32 bits; `seed` goes on from an earlier text. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/**
 * Weighted rendezvous hashing: of several nodes the one with the least value gets the key, and each gets as large a
 * share of all keys as its weight is of all weights. One that comes or goes moves only its own keys.
 *
 * @param key hash of the key
 * @param node hash of the node's name
 * @param weight above 0
 */
export function rendezvous(key: number, node: number, weight: number): number {
  // Two rounds of multiply and shift (Murmur3's finaliser), so that near keys are far apart.
  let mixed = key ^ Math.imul(node, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  return -Math.log((mixed + 0.5) / 0x1_0000_0000) / weight;
}
