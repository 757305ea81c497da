/** mulberry32: small, seedable, the same on every machine. Gives numbers in [0, 1). */
export function prng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const randomHex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

export function randomUuid(random: () => number): string {
  return randomHex(random, 32).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** `length` bytes of noise. Never zero in the first byte, so that a written block differs from a hole. */
export function noise(seed: number, length: number): Buffer {
  const random = prng(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index++) words[index] = random() * 4_294_967_296;
  const bytes = Buffer.from(words.buffer, 0, length);
  if (length > 0) bytes[0] = bytes[0]! | 1;
  return bytes;
}
