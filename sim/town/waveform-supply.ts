/** A meter that lives on samples in place of energies: a front end is read as fast as time passes, and the meter counts what it saw. */
import type { Clock } from '@wattline/base';
import {
  attachEngine,
  type FrontEnd,
  type Meter,
  nominalCalibration,
  type WaveformMeter,
  type WaveformSnapshot,
} from '@wattline/meter';

/** The samples and what they are. */
export interface WaveformSupply {
  readonly frontEnd: FrontEnd;
  readonly phases: 1 | 3;
  readonly nominalHz: 50 | 60;
  /** Declared voltage as the meter sees it, V. */
  readonly declaredV: number;
}

const stepMs = 500;
const blockSamples = 8192;
/** A machine that slept catches up by this much at once; what is older is lost, as it would be to a converter. */
const longestCatchUpMs = 30_000;

/** Feeds the meter from where it stands until `stop`. */
export function runWaveform(of: {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly supply: WaveformSupply;
  readonly onStep: () => void;
}): { stop(): void; snapshot(): WaveformSnapshot | undefined } {
  const { clock, meter, supply, onStep } = of;
  const { frontEnd, phases, nominalHz, declaredV } = supply;
  const { sampleRateHz, voltsPerCode, ampsPerCode } = frontEnd;
  const startMs = meter.countedToMs;
  const attached: WaveformMeter = attachEngine(meter, {
    wiring: phases === 1 ? 'one-phase' : 'three-phase four-wire',
    sampleRateHz,
    nominalHz,
    declaredV,
    clockS: startMs / 1000,
    calibration: nominalCalibration({ serial: meter.spec.serial, voltsPerCode, ampsPerCode, phases }),
  });
  let read = 0;
  let cancel = () => {};
  const step = () => {
    const wanted = Math.floor(((clock.now() - startMs) * sampleRateHz) / 1000);
    const most = read + Math.ceil((longestCatchUpMs * sampleRateHz) / 1000);
    while (read < Math.min(wanted, most)) {
      const count = Math.min(blockSamples, wanted - read);
      attached.push(frontEnd.read(count), count);
      read += count;
    }
    onStep();
    cancel = clock.after(stepMs, step);
  };
  step();
  return { stop: () => cancel(), snapshot: () => attached.snapshot() };
}
