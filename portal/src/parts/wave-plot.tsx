/** Two cycles of voltage and current of a phase, each to a scale of its own. */
import type { MomentWave } from '@wattline/model';
import { words } from '../words.ts';

const width = 640;
const height = 200;
const margin = 8;

/** The plot. */
export function WavePlot({ wave, phase }: { wave: MomentWave; phase: number }) {
  return (
    <svg
      class="wave"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={words.meterPage.waveOf(phase, peakOf(wave.voltage), peakOf(wave.current))}
    >
      <line x1="0" x2={width} y1={height / 2} y2={height / 2} class="wave-axis" />
      <path d={pathOf(wave.voltage)} class="wave-line wave-voltage" />
      <path d={pathOf(wave.current)} class="wave-line wave-current" />
    </svg>
  );
}

function peakOf(samples: readonly number[]): number {
  return Math.max(0, ...samples.map(Math.abs));
}

function pathOf(samples: readonly number[]): string {
  const most = Math.max(1e-9, peakOf(samples));
  return samples
    .map((value, n) => {
      const x = (n / Math.max(1, samples.length - 1)) * width;
      const y = height / 2 - (value / most) * (height / 2 - margin);
      return `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
