/** Harmonics of a phase as bars: voltage up, current down, shares of their fundamental. */
import type { MomentWave } from '@wattline/model';
import { words } from '../words.ts';

const width = 640;
const height = 220;
const left = 44;
const middle = 110;
const reach = 88;
const bottom = 12;

/** The bars of orders 2 to the highest; each side has a scale of its own. */
export function HarmonicBars({ wave, phase }: { wave: MomentWave; phase: number }) {
  const sides = [
    { kind: 'voltage', values: wave.voltageHarmonicsV, sign: -1 },
    { kind: 'current', values: wave.currentHarmonicsA, sign: 1 },
  ] as const;
  const highest = Math.max(wave.voltageHarmonicsV.length, wave.currentHarmonicsA.length);
  const step = (width - left - bottom) / Math.max(1, highest - 1);
  return (
    <svg
      class="harmonics"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={words.meterPage.harmonicsOf(phase, wave.thdVoltagePercent, wave.thdCurrentPercent)}
    >
      {sides.map(({ kind, values, sign }) => {
        const shares = sharesOf(values);
        const most = scaleOf(shares);
        return (
          <g key={kind} class={`harmonic-${kind}`}>
            {shares.map((share, index) => {
              const length = (reach * share) / most;
              return (
                <rect
                  key={index}
                  x={left + index * step + step * 0.15}
                  y={sign < 0 ? middle - length : middle}
                  width={step * 0.7}
                  height={Math.max(0.5, length)}
                >
                  <title>{words.meterPage.harmonic(kind, index + 2, share)}</title>
                </rect>
              );
            })}
            <text x={left - 6} y={middle + sign * reach + 4} class="harmonic-scale">
              {most} %
            </text>
          </g>
        );
      })}
      <line x1={left} x2={width - bottom} y1={middle} y2={middle} class="harmonic-axis" />
      {Array.from({ length: Math.floor(highest / 2) }, (_, index) => 2 * index + 3)
        .filter((order) => order <= highest && (order - 3) % 4 === 0)
        .map((order) => (
          <text key={order} x={left + (order - 1.5) * step} y={height - 4} class="harmonic-order">
            {order}
          </text>
        ))}
    </svg>
  );
}

/** Percent of the fundamental from order 2 on. */
function sharesOf(values: readonly number[]): number[] {
  const [fundamental = 0] = values;
  return values.slice(1).map((value) => (fundamental > 0 ? (100 * value) / fundamental : 0));
}

/** The end of the scale: the next of 1, 2, 5, 10, 20, 50 percent and so on. */
function scaleOf(shares: readonly number[]): number {
  const most = Math.max(0.5, ...shares);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((factor) => factor * power >= most) ?? 10) * power;
}
