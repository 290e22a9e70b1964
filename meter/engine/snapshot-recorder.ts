/** Keeps what the engine saw last, so that the meter can show its wave: the last window, two cycles of samples, the last events. */
import type { SampleBlock } from '../front-end/front-end.ts';
import type { SnapshotEvent, WaveformSnapshot } from '../quantities/waveform-snapshot.ts';
import type { SupplyEvent } from './supply-events.ts';
import type { WindowReading } from './window-reading.ts';

/** What the recorder is told once. */
export interface SnapshotSource {
  readonly origin: WaveformSnapshot['origin'];
  readonly sampleRateHz: number;
  readonly nominalHz: number;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  readonly phases: number;
  /** True instant of sample 0, UTC ms. */
  readonly startMs: number;
}

const shownCycles = 2;
/** Samples of a cycle that are shown: enough for the 31st harmonic to be seen. */
const shownPerCycle = 80;
const mostEvents = 10;
const topCode = 0x7fff;

/** The recorder; give it blocks, windows and events as they come. */
export class SnapshotRecorder {
  readonly #source: SnapshotSource;
  readonly #length: number;
  readonly #every: number;
  readonly #voltages: readonly Int32Array[];
  readonly #currents: readonly Int32Array[];
  readonly #events: SnapshotEvent[] = [];
  #fill = 0;
  #reading: WindowReading | undefined;

  constructor(source: SnapshotSource) {
    const { sampleRateHz, nominalHz, phases } = source;
    const cycle = sampleRateHz / nominalHz;
    this.#source = source;
    this.#every = Math.max(1, Math.floor(cycle / shownPerCycle));
    this.#length = Math.ceil(shownCycles * cycle);
    this.#voltages = Array.from({ length: phases }, () => new Int32Array(this.#length));
    this.#currents = Array.from({ length: phases }, () => new Int32Array(this.#length));
  }

  /** Takes the last samples of a block, when it has enough. */
  keepSamples(block: SampleBlock, count: number): void {
    if (count < this.#length) return;
    const from = count - this.#length;
    for (const [phase, own] of this.#voltages.entries()) {
      own.set((block.voltages[phase] as Int32Array).subarray(from, count));
      this.#currents[phase]?.set((block.currents[phase] as Int32Array).subarray(from, count));
    }
    this.#fill = this.#length;
  }

  keepReading(reading: WindowReading): void {
    this.#reading = structuredClone(reading);
  }

  keepEvent({ kind, startS, endS, extremeV, phase }: SupplyEvent): void {
    const startMs = Math.round(this.#source.startMs + startS * 1000);
    this.#events.push({ kind, startMs, durationMs: Math.round((endS - startS) * 1000), extremeV, phase });
    if (this.#events.length > mostEvents) this.#events.shift();
  }

  /** The snapshot; `undefined` before the first window. */
  snapshot(): WaveformSnapshot | undefined {
    const reading = this.#reading;
    if (!reading || this.#fill === 0) return undefined;
    const { origin, sampleRateHz, voltsPerCode, ampsPerCode } = this.#source;
    const voltage = this.#scaled(this.#voltages, voltsPerCode);
    const current = this.#scaled(this.#currents, ampsPerCode);
    return {
      origin,
      frequencyHz: reading.frequencyHz,
      sampleRateHz: sampleRateHz / this.#every,
      voltsPerCode: voltage.size,
      ampsPerCode: current.size,
      phases: reading.phases.map((phase, index) => ({
        voltageAngleRad: phase.voltageAngleRad,
        lagRad: phase.lagRad,
        thdVoltage: phase.thdVoltage,
        thdCurrent: phase.thdCurrent,
        voltageHarmonicsV: phase.voltageHarmonicsV,
        currentHarmonicsA: phase.currentHarmonicsA,
        voltage: voltage.codes[index] as Int16Array,
        current: current.codes[index] as Int16Array,
      })),
      events: [...this.#events],
    };
  }

  /** Codes of 16 bits: the largest of all phases takes the whole range, in steps of a millionth of the unit. */
  #scaled(channels: readonly Int32Array[], unitsPerCode: number): { size: number; codes: Int16Array[] } {
    let most = 1;
    for (const channel of channels) for (const code of channel) most = Math.max(most, Math.abs(code));
    const size = Math.max(1, Math.ceil((most * unitsPerCode * 1e6) / topCode)) / 1e6;
    const codes = channels.map((channel) =>
      Int16Array.from({ length: Math.floor(channel.length / this.#every) }, (_, n) =>
        Math.round(((channel[n * this.#every] as number) * unitsPerCode) / size),
      ),
    );
    return { size, codes };
  }
}
