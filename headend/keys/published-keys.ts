/** Keys that everybody knows: refused wherever a key is taken in. */

/** Whether a key counts up or down by one step from octet to octet: all zero, 00 01 02 .. 0F, D0 D1 .. DF of the Green Book's examples. */
export function isPublishedKey(key: Uint8Array): boolean {
  const step = ((key[1] as number) - (key[0] as number)) & 0xff;
  return key.every((octet, i) => i === 0 || ((octet - (key[i - 1] as number)) & 0xff) === step);
}
