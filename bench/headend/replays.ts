/** Secured APDUs replayed, and altered in every way a wire could: how many are taken. */
import { fromHex, type Random, seededRandom, toHex } from '@wattline/base';
import { createPushReceiver, encodePush } from '@wattline/protocols/dlms';

const systemTitle = fromHex('57544C0000000001');
const keys = {
  suite: 0 as const,
  ek: fromHex('8A61C39E5207FD14B36E90D2487A1CE5'),
  ak: fromHex('17D93C6B80F245AEC1096D3872EB5F04'),
};
/** Header of the wrapper (IEC 62056-47): it is not protected, and what it says changes nothing in the APDU. */
const headerLength = 8;

/** Offers `count` APDUs, half replayed as they were, half altered before they were ever taken; how many were taken. */
export function offerReplays(count: number): { readonly accepted: number; readonly genuine: number } {
  const random = seededRandom('replays');
  let highest = 0;
  const receive = receiverOver(
    () => highest,
    (counter) => (highest = counter),
  );
  const sent = Array.from({ length: 500 }, (_, i) => pushOf(i + 1));
  const genuine = sent.reduce((taken, octets) => taken + receive(octets), 0);
  const fresh = Array.from({ length: 500 }, (_, i) => pushOf(10_000 + i));
  let accepted = 0;
  for (let i = 0; i < count; i++) {
    const pick = (from: readonly Uint8Array[]) => from[random.below(from.length)] as Uint8Array;
    accepted += receive(i % 2 === 0 ? pick(sent) : altered(pick(fresh), random));
  }
  return { accepted, genuine };
}

function pushOf(counter: number): Uint8Array {
  return encodePush({
    systemTitle,
    keys,
    counter: { next: () => counter },
    protection: 'ae',
    clientSap: 2,
    serverSap: 1,
    instantMs: Date.UTC(2026, 0, 1),
    offsetMinutes: 0,
    body: { type: 'structure', value: [{ type: 'octet-string', value: Buffer.from(`event ${counter}`) }] },
  });
}

/** A link that is opened anew whenever it is closed; numbers are taken when a push is proved, as the listener does it. */
function receiverOver(highest: () => number, take: (counter: number) => void) {
  const open = () =>
    createPushReceiver({
      keysOf: (title) => (toHex(title) === toHex(systemTitle) ? keys : undefined),
      replayOf: () => ({ accept: (counter) => counter > highest() }),
    });
  let receiver = open();
  return (octets: Uint8Array): number => {
    const { pushes, failures, close } = receiver.receive(octets);
    if (close || failures.length > 0 || pushes.length === 0) receiver = open();
    let taken = 0;
    for (const { protection, invocationCounter = 0 } of pushes) {
      if ((protection !== 'a' && protection !== 'ae') || invocationCounter <= highest()) continue;
      take(invocationCounter);
      taken++;
    }
    return taken;
  };
}

/** One to three octets of the APDU changed, or its end cut off or another's put there. */
function altered(octets: Uint8Array, random: Random): Uint8Array {
  const room = octets.length - headerLength;
  const copy = octets.slice();
  const kind = random.below(8);
  if (kind === 0) return withLength(copy.slice(0, headerLength + random.below(room)));
  if (kind === 1) return withLength(Uint8Array.of(...copy, random.below(256)));
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = headerLength + random.below(room);
    copy[at] = (copy[at] as number) ^ (1 + random.below(255));
  }
  return copy.every((octet, i) => octet === octets[i]) ? altered(octets, random) : copy;
}

function withLength(octets: Uint8Array): Uint8Array {
  new DataView(octets.buffer, octets.byteOffset).setUint16(6, octets.length - headerLength);
  return octets;
}
