/** Turns good octets into bad ones: flips, cuts, repeats, length fields at their edges, pieces of other seeds. */
import { concatBytes, type Random } from '@wattline/base';

const edges = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xfe, 0xff];
/** Mutants are kept below this many octets, so that a run speaks of form and not of size. */
const longest = 4096;

type Mutation = (octets: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  function flipBit(octets, random) {
    const mutant = octets.slice();
    const at = random.below(mutant.length);
    mutant[at] = (mutant[at] ?? 0) ^ (1 << random.below(8));
    return mutant;
  },
  function setEdge(octets, random) {
    const mutant = octets.slice();
    mutant[random.below(mutant.length)] = edges[random.below(edges.length)] ?? 0;
    return mutant;
  },
  function truncate(octets, random) {
    return octets.slice(0, random.below(octets.length));
  },
  function insert(octets, random) {
    const at = random.below(octets.length + 1);
    return concatBytes(octets.subarray(0, at), random.bytes(1 + random.below(4)), octets.subarray(at));
  },
  function remove(octets, random) {
    const at = random.below(octets.length);
    return concatBytes(octets.subarray(0, at), octets.subarray(at + 1 + random.below(4)));
  },
  function repeat(octets, random) {
    const at = random.below(octets.length);
    const piece = octets.subarray(at, at + 1 + random.below(16));
    return concatBytes(octets.subarray(0, at), piece, octets.subarray(at));
  },
  function splice(octets, random, other) {
    return concatBytes(
      octets.subarray(0, random.below(octets.length)),
      other.subarray(random.below(other.length)),
    );
  },
];

/** A mutant of one of the seeds after one to four mutations. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = () => seeds[random.below(seeds.length)] ?? new Uint8Array(1);
  let mutant = pick();
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    if (mutant.length === 0) return mutant;
    const mutation = mutations[random.below(mutations.length)];
    if (mutation) mutant = mutation(mutant, random, pick());
  }
  return mutant.length > longest ? mutant.slice(0, longest) : mutant;
}
