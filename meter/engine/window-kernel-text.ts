/**
 * The window kernel as WebAssembly text. A vector holds voltage and current of one sample, so that both channels of a phase go through
 * the same operations in the same order as in the script: the answers are equal to the last bit.
 */
import { tableRows, taps, tapsBefore } from './resampler.ts';

const vectorOctets = 16;
/** Octets of the twiddles of one butterfly: three cosines, one place left out, three pairs of sine and its negative. */
export const twiddleOctets = 80;
const signOfLane1 = '0x0000000000000000 0x8000000000000000';
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Instructions in short. */
const get = (local: string) => `(local.get ${local})`;
const constant = (value: number) => `(i32.const ${value})`;
const bump = (local: string, by: string) => `(local.set ${local} (i32.add ${get(local)} ${by}))`;
const load = (local: string, offset = 0) => `(v128.load offset=${offset} ${get(local)})`;
const splatOf = (local: string, offset = 0) => `(v128.load64_splat offset=${offset} ${get(local)})`;
const both = (lane: 0 | 1, of: string) => {
  const octets = range(8).map((octet) => octet + 8 * lane);
  return `(i8x16.shuffle ${[...octets, ...octets].join(' ')} ${of} ${of})`;
};
const swap = (of: string) => `(i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 ${of} ${of})`;
const add = (a: string, b: string) => `(f64x2.add ${a} ${b})`;
const subtract = (a: string, b: string) => `(f64x2.sub ${a} ${b})`;
const multiply = (a: string, b: string) => `(f64x2.mul ${a} ${b})`;
const turnLane1 = (of: string) => `(v128.xor ${of} (v128.const ${signOfLane1}))`;

/** Codes of two channels to pairs of doubles, those of the other elements between them; the count is even. */
const interleave = (elements: number) => `
(func $interleave (param $x i32) (param $y i32) (param $z i32) (param $count i32)
  (local $end i32) (local $four v128)
  (local.set $end (i32.add ${get('$x')} (i32.shl ${get('$count')} ${constant(2)})))
  (loop $next
    (local.set $four (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
      (v128.load64_zero ${get('$x')}) (v128.load64_zero ${get('$y')})))
    (v128.store ${get('$z')} (f64x2.convert_low_i32x4_s ${get('$four')}))
    (v128.store offset=${elements * vectorOctets} ${get('$z')} (f64x2.convert_low_i32x4_s ${both(1, get('$four'))}))
    ${bump('$x', constant(8))} ${bump('$y', constant(8))}
    ${bump('$z', constant(2 * elements * vectorOctets))}
    (br_if $next (i32.lt_u ${get('$x')} ${get('$end')}))))`;

/** The taps of a point for all elements: those of the first half and of the second are summed apart, then joined. */
function tapSums(elements: number): string {
  const each = (make: (element: number) => string) => range(elements).map(make).join('\n');
  const tap = (index: number, pair: string) => {
    const into = index < taps / 2 ? '$a' : '$b';
    const weight = `(local.set $w ${both((index % 2) as 0 | 1, get(pair))})`;
    const sums = each((element) => {
      const product = multiply(get('$w'), load('$at', (index * elements + element) * vectorOctets));
      const isFirst = index % (taps / 2) === 0;
      return `(local.set ${into}${element} ${isFirst ? product : add(get(`${into}${element}`), product)})`;
    });
    return `${weight} ${sums}`;
  };
  const weights = (pair: number) => {
    const low = load('$row', pair * vectorOctets);
    const difference = subtract(load('$row', pair * vectorOctets + taps * 8), low);
    return `(local.set $pair${pair} ${add(low, multiply(get('$share'), difference))})`;
  };
  const pairs = range(taps / 2);
  return `${pairs.map((pair) => weights(pair)).join('\n')}
    ${range(taps / 2)
      .map(
        (index) =>
          `${tap(index, `$pair${index >> 1}`)} ${tap(index + taps / 2, `$pair${(index + taps / 2) >> 1}`)}`,
      )
      .join('\n')}`;
}

/** Points of a grid from `first`, `step` samples apart, for all elements at once; the elements of a sample stand side by side. */
const resample = (elements: number, gridStride: number) => `
(func $resample (param $first f64) (param $step f64) (param $count i32) (param $table i32) (param $z i32) (param $out i32)
  (local $m i32) (local $place f64) (local $whole f64) (local $fine f64) (local $floor f64) (local $row i32) (local $at i32)
  (local $share v128) (local $w v128) ${range(taps / 2)
    .map((pair) => `(local $pair${pair} v128)`)
    .join(' ')}
  ${range(elements)
    .map((e) => `(local $a${e} v128) (local $b${e} v128)`)
    .join(' ')}
  (loop $point
    (local.set $place (f64.add ${get('$first')} (f64.mul (f64.convert_i32_s ${get('$m')}) ${get('$step')})))
    (local.set $whole (f64.floor ${get('$place')}))
    (local.set $fine (f64.mul (f64.sub ${get('$place')} ${get('$whole')}) (f64.const ${tableRows})))
    (local.set $floor (f64.floor ${get('$fine')}))
    (local.set $share (f64x2.splat (f64.sub ${get('$fine')} ${get('$floor')})))
    (local.set $row (i32.add ${get('$table')} (i32.mul (i32.trunc_f64_s ${get('$floor')}) ${constant(taps * 8)})))
    (local.set $at (i32.add ${get('$z')}
      (i32.mul (i32.sub (i32.trunc_f64_s ${get('$whole')}) ${constant(tapsBefore)}) ${constant(elements * vectorOctets)})))
    ${tapSums(elements)}
    ${range(elements)
      .map((e) => `(v128.store offset=${e * gridStride} ${get('$out')} ${add(get(`$a${e}`), get(`$b${e}`))})`)
      .join('\n')}
    ${bump('$out', constant(vectorOctets))} ${bump('$m', constant(1))}
    (br_if $point (i32.lt_u ${get('$m')} ${get('$count')}))))`;

/**
 * Folds a window into one cycle: as it is, turned a line down and a line up, in the order that the transform takes; products to `sums`.
 * `trig` holds cosine and sine of each point, `order` the octet where each place goes.
 */
const fold = (points: number) => `
(func $fold (param $z i32) (param $trig i32) (param $order i32) (param $cycles i32) (param $out i32) (param $sums i32)
  (local $place i32) (local $cycle i32) (local $p i32) (local $t i32) (local $to i32)
  (local $v v128) (local $same v128) (local $even v128) (local $odd v128) (local $squares v128) (local $cross v128)
  (loop $place
    (local.set $p (i32.add ${get('$z')} (i32.shl ${get('$place')} ${constant(4)})))
    (local.set $t (i32.add ${get('$trig')} (i32.shl ${get('$place')} ${constant(4)})))
    (local.set $same (v128.const 0 0)) (local.set $even (v128.const 0 0)) (local.set $odd (v128.const 0 0))
    (local.set $cycle (i32.const 0))
    (loop $cycle
      (local.set $v ${load('$p')})
      (local.set $same ${add(get('$same'), get('$v'))})
      (local.set $even ${add(get('$even'), multiply(get('$v'), splatOf('$t')))})
      (local.set $odd ${add(get('$odd'), multiply(get('$v'), splatOf('$t', 8)))})
      (local.set $squares ${add(get('$squares'), multiply(get('$v'), get('$v')))})
      (local.set $cross ${add(get('$cross'), multiply(get('$v'), swap(get('$v'))))})
      ${bump('$p', constant(points * vectorOctets))} ${bump('$t', constant(points * vectorOctets))}
      ${bump('$cycle', constant(1))}
      (br_if $cycle (i32.lt_u ${get('$cycle')} ${get('$cycles')})))
    (local.set $to (i32.add ${get('$out')} (i32.load (i32.add ${get('$order')} (i32.shl ${get('$place')} ${constant(2)})))))
    (local.set $odd ${turnLane1(swap(get('$odd')))})
    (v128.store ${get('$to')} ${get('$same')})
    (v128.store offset=${points * vectorOctets} ${get('$to')} ${add(get('$even'), get('$odd'))})
    (v128.store offset=${2 * points * vectorOctets} ${get('$to')} ${subtract(get('$even'), get('$odd'))})
    ${bump('$place', constant(1))}
    (br_if $place (i32.lt_u ${get('$place')} ${constant(points)})))
  (v128.store ${get('$sums')} ${get('$squares')})
  (v128.store offset=16 ${get('$sums')} ${get('$cross')}))`;

/** First stage of a transform whose length is an odd power of two. */
const pairs = `
(func $pairs (param $z i32) (param $end i32)
  (local $a v128) (local $b v128)
  (loop $next
    (local.set $a ${load('$z')}) (local.set $b ${load('$z', vectorOctets)})
    (v128.store ${get('$z')} ${add(get('$a'), get('$b'))})
    (v128.store offset=16 ${get('$z')} ${subtract(get('$a'), get('$b'))})
    ${bump('$z', constant(32))}
    (br_if $next (i32.lt_u ${get('$z')} ${get('$end')}))))`;

/** One butterfly of {@link stage}: points lie `$size` octets apart, in the order 0, 2, 1, 3. */
const turned = (at: string, twiddle: number) => {
  const v = load(at);
  return add(
    multiply(splatOf('$t', 8 * twiddle), v),
    multiply(load('$t', 32 + twiddle * vectorOctets), swap(v)),
  );
};

/** A stage of radix four: `size` octets between the points that are joined. */
const stage = `
(func $stage (param $z i32) (param $end i32) (param $size i32) (param $t i32)
  (local $k i32) (local $last i32) (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
  (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
  (local $even v128) (local $late v128) (local $odd v128) (local $turn v128)
  (local.set $k ${get('$z')})
  (local.set $last (i32.add ${get('$z')} ${get('$size')}))
  (loop $k
    (local.set $p0 ${get('$k')})
    (loop $group
      (local.set $p2 (i32.add ${get('$p0')} ${get('$size')}))
      (local.set $p1 (i32.add ${get('$p2')} ${get('$size')}))
      (local.set $p3 (i32.add ${get('$p1')} ${get('$size')}))
      (local.set $v0 ${load('$p0')})
      (local.set $v1 ${turned('$p1', 0)})
      (local.set $v2 ${turned('$p2', 1)})
      (local.set $v3 ${turned('$p3', 2)})
      (local.set $even ${add(get('$v0'), get('$v2'))})
      (local.set $late ${subtract(get('$v0'), get('$v2'))})
      (local.set $odd ${add(get('$v1'), get('$v3'))})
      (local.set $turn ${turnLane1(swap(subtract(get('$v1'), get('$v3'))))})
      (v128.store ${get('$p0')} ${add(get('$even'), get('$odd'))})
      (v128.store ${get('$p2')} ${add(get('$late'), get('$turn'))})
      (v128.store ${get('$p1')} ${subtract(get('$even'), get('$odd'))})
      (v128.store ${get('$p3')} ${subtract(get('$late'), get('$turn'))})
      ${bump('$p0', `(i32.shl ${get('$size')} ${constant(2)})`)}
      (br_if $group (i32.lt_u ${get('$p0')} ${get('$end')})))
    ${bump('$k', constant(vectorOctets))} ${bump('$t', constant(twiddleOctets))}
    (br_if $k (i32.lt_u ${get('$k')} ${get('$last')}))))`;

/** Four codes at a time, then one by one: the sum is an exact integer of 64 bits, rounded once to a double. */
const exactSum = (title: string, params: string, parts: ExactSumParts) => `
(func $${title} ${params} (param $count i32) (result f64)
  (local $four i32) (local $sum v128) (local $total i64)
  (local.set $four (i32.and ${get('$count')} (i32.const -4)))
  (local.set $count (i32.sub ${get('$count')} ${get('$four')}))
  (loop $fours
    (local.set $sum (i64x2.add ${get('$sum')} ${parts.four}))
    ${parts.pointers.map((pointer) => bump(pointer, constant(16))).join(' ')}
    (local.set $four (i32.sub ${get('$four')} ${constant(4)}))
    (br_if $fours ${get('$four')}))
  (local.set $total (i64.add (i64x2.extract_lane 0 ${get('$sum')}) (i64x2.extract_lane 1 ${get('$sum')})))
  (loop $ones
    (local.set $total (i64.add ${get('$total')} (i64.mul ${parts.one} (i64.extend_i32_s (i32.ge_u ${get('$count')} ${constant(1)})))))
    ${parts.pointers.map((pointer) => bump(pointer, constant(4))).join(' ')}
    (local.set $count (i32.sub ${get('$count')} (i32.ge_u ${get('$count')} ${constant(1)})))
    (br_if $ones ${get('$count')}))
  (f64.convert_i64_s ${get('$total')}))`;

interface ExactSumParts {
  readonly pointers: readonly string[];
  readonly four: string;
  readonly one: string;
}

const code = (pointer: string) => `(i64.extend_i32_s (i32.load ${get(pointer)}))`;
const pairOf = (half: 'low' | 'high') => `(i64x2.extmul_${half}_i32x4_s ${load('$x')} ${load('$y')})`;
const extended = (half: 'low' | 'high') => `(i64x2.extend_${half}_i32x4_s ${load('$x')})`;

/** Sums of products of two channels, and of one channel; at least four codes. */
const sums = [
  exactSum('products', '(param $x i32) (param $y i32)', {
    pointers: ['$x', '$y'],
    four: `(i64x2.add ${pairOf('low')} ${pairOf('high')})`,
    one: `(i64.mul ${code('$x')} ${code('$y')})`,
  }),
  exactSum('codes', '(param $x i32)', {
    pointers: ['$x'],
    four: `(i64x2.add ${extended('low')} ${extended('high')})`,
    one: code('$x'),
  }),
].join('\n');

/** The functions for so many elements; the stride of the grid is octets from one element to the next. */
export function windowKernelText(of: {
  readonly elements: number;
  readonly gridStride: number;
  readonly cyclePoints: number;
}): string {
  return [
    interleave(of.elements),
    resample(of.elements, of.gridStride),
    fold(of.cyclePoints),
    pairs,
    stage,
    sums,
  ].join('\n');
}
