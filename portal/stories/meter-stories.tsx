/** Stories of the parts of a meter's page: phasors, wave, harmonics, display. */
import type { MomentWave } from '@wattline/model';
import { HarmonicBars } from '../src/parts/harmonic-bars.tsx';
import { MeterDisplay } from '../src/parts/meter-display.tsx';
import { PhasorDiagram } from '../src/parts/phasor-diagram.tsx';
import { WavePlot } from '../src/parts/wave-plot.tsx';
import { fixtureDisplay, fixtureMoment, plainMoment } from './fixture-moment.ts';
import type { PartStories } from './story.ts';

const wave = fixtureMoment.wave?.phases[0] as MomentWave;
const dead: MomentWave = {
  ...wave,
  currentHarmonicsA: wave.currentHarmonicsA.map(() => 0),
  current: wave.current.map(() => 0),
};

/** The stories. */
export const meterStories: readonly PartStories[] = [
  {
    part: 'phasor-diagram',
    states: [{ name: 'three phases', draw: () => <PhasorDiagram moment={fixtureMoment} /> }],
  },
  {
    part: 'wave-plot',
    states: [
      { name: 'distorted current', draw: () => <WavePlot wave={wave} phase={1} /> },
      { name: 'no current', draw: () => <WavePlot wave={dead} phase={1} /> },
    ],
  },
  {
    part: 'harmonic-bars',
    states: [
      { name: 'distorted current', draw: () => <HarmonicBars wave={wave} phase={1} /> },
      { name: 'no current', draw: () => <HarmonicBars wave={dead} phase={1} /> },
    ],
  },
  {
    part: 'meter-display',
    states: [
      { name: 'energy', draw: () => <MeterDisplay display={fixtureDisplay} /> },
      { name: 'a page further on', draw: () => <MeterDisplay display={fixtureDisplay} presses={3} /> },
      {
        name: 'no value, lit, every sign',
        draw: () => plainMoment.display && <MeterDisplay display={plainMoment.display} />,
      },
    ],
  },
];
