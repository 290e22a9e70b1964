/** Voltages and currents as phasors: L1 points right, time turns against the clock. */
import type { MeterMoment } from '@wattline/model';
import { phasorTips } from '../phasor-layout.ts';
import { words } from '../words.ts';

const size = 240;
const radius = 100;

/** The diagram with its legend. */
export function PhasorDiagram({ moment }: { moment: MeterMoment }) {
  const tips = phasorTips(moment);
  const at = (share: number) => size / 2 + radius * share;
  return (
    <figure class="phasors">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={phasorSentence(moment)}>
        <circle cx={size / 2} cy={size / 2} r={radius} class="phasor-ring" />
        <circle cx={size / 2} cy={size / 2} r={radius / 2} class="phasor-ring" />
        <path d={`M${at(-1)} ${at(0)}H${at(1)}M${at(0)} ${at(-1)}V${at(1)}`} class="phasor-ring" />
        {tips.map(({ phase, kind, x, y }) => (
          <g key={`${kind}${phase}`} class={`phasor phasor-${kind} phase-${phase + 1}`}>
            <line x1={at(0)} y1={at(0)} x2={at(x)} y2={at(y)} />
            <circle cx={at(x)} cy={at(y)} r={kind === 'voltage' ? 4 : 3} />
            {kind === 'voltage' && (
              <text x={at(x * 1.13)} y={at(y * 1.13)}>
                L{phase + 1}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption>{words.meterPage.phasorLegend}</figcaption>
    </figure>
  );
}

function phasorSentence({ phases, wave }: MeterMoment): string {
  const parts = phases.map(({ voltageV, currentA }, index) => {
    const own = wave?.phases[index];
    const angle = own
      ? `, ${own.voltageAngleDeg.toFixed(0)}\u00b0, I lags ${own.lagDeg.toFixed(0)}\u00b0`
      : '';
    return `L${index + 1} ${voltageV ?? 0} V ${currentA ?? 0} A${angle}`;
  });
  return `${words.meterPage.phasors}: ${parts.join('; ')}`;
}
