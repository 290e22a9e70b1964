/**
 * The metrology engine: converter codes in, windows of 10/12 cycles, energies and events out. Energy is the exact sum of products of
 * codes over every sample once; window quantities come from the same samples resampled in step with the mains (IEC 61000-4-7).
 */
import assert from 'node:assert/strict';
import type { SampleBlock } from '../front-end/front-end.ts';
import { EnergyAccount } from './energy-account.ts';
import type { QuadrantCounters } from './energy-counter.ts';
import { type EngineOptions, highestOrderAt, wirings } from './engine-options.ts';
import { Flickermeter } from './flicker.ts';
import { findFrequency, frequencyRange } from './frequency.ts';
import { Interharmonics } from './interharmonics.ts';
import { windowKernel } from './kernel-choice.ts';
import { MeteringElement } from './metering-element.ts';
import { PairSpectrum } from './pair-spectrum.ts';
import { tapsAfter, tapsBefore } from './resampler.ts';
import { SupplyEvents, type SupplyThresholds, supplyThresholds } from './supply-events.ts';
import { Synchroniser } from './synchroniser.ts';
import { TickClock } from './tick-clock.ts';
import type { WindowKernel } from './window-kernel.ts';
import { findNeutral, findSums, findUnbalance } from './window-quantities.ts';
import { emptyReading, type PhaseReading, type WindowReading } from './window-reading.ts';

const chunk = 1024;
/** A voltage below this share of the declared one shows no frequency. */
const leastVoltageShare = 0.05;
/** A harmonic above this share of the sample rate cannot be told from its image. */
const mostOfRate = 0.36;
/** Points of the grid for a sample: what folds back then stays above the 31st harmonic at 8 kHz (the 50th at 16 kHz). */
const leastPoints = 0.79;

/** The engine. Push samples in order; callbacks are called from within `push`. */
export class MetrologyEngine {
  readonly options: EngineOptions;
  readonly synchroniser: Synchroniser;
  /** Sample up to which energy is counted. */
  countedToSample = 0;
  readonly #elements: readonly MeteringElement[];
  readonly #neutral: Int32Array;
  readonly #reading: WindowReading;
  readonly #cycles: number;
  readonly #points: number;
  readonly #kernel: WindowKernel;
  readonly #account: EnergyAccount;
  readonly #ticks: TickClock;
  readonly #removesDc: boolean;
  readonly #events: SupplyEvents;
  readonly #flickermeters: readonly Flickermeter[];
  readonly #interharmonics: Interharmonics | undefined;
  readonly #urms: Float64Array;
  readonly #longestWindow: number;
  #fill = 0;
  /** Absolute number of the first sample in the buffers. */
  #base = 0;
  #windowStart = tapsBefore + 1;
  #watchedToS = 0;
  #isAcquired = false;
  #hasNeutral = false;

  constructor(options: EngineOptions) {
    const { sampleRateHz, nominalHz, calibration } = options;
    const wiring = wirings[options.wiring];
    this.options = options;
    this.#removesDc = options.removesDc ?? true;
    this.#cycles = options.windowCycles ?? nominalHz / 5;
    assert(this.#cycles >= 2 && this.#cycles % 2 === 0, 'a window has an even number of cycles');
    const highest = options.highestOrder ?? highestOrderAt(sampleRateHz);
    this.#longestWindow = Math.ceil((this.#cycles * sampleRateHz) / (nominalHz * frequencyRange[0]));
    const cyclePoints = 2 ** Math.ceil(Math.log2((leastPoints * sampleRateHz) / nominalHz));
    this.#points = this.#cycles * cyclePoints;
    assert(
      highest * nominalHz <= mostOfRate * sampleRateHz,
      `the sample rate does not carry order ${highest}`,
    );
    const samples = Math.ceil(1.05 * this.#longestWindow) + 64;
    const shape = { cycles: this.#cycles, cyclePoints };
    this.#kernel = windowKernel({ ...shape, elements: wiring.elements, samples }, options.kernel);
    this.#interharmonics = options.interharmonics
      ? new Interharmonics({ ...shape, highestOrder: highest }, samples)
      : undefined;
    this.#account = new EnergyAccount(sampleRateHz, options.creepW ?? 0);
    this.#ticks = new TickClock(options.clockS, sampleRateHz);
    const capacity = 3 * this.#longestWindow + 2 * chunk + 64;
    this.#elements = Array.from(
      { length: wiring.elements },
      (_, phase) =>
        new MeteringElement(calibration, phase, {
          capacity,
          spectrum: new PairSpectrum(highest),
          halfCycles: 2 * this.#cycles,
          removesDc: this.#removesDc,
          sampleRateHz,
        }),
    );
    this.#neutral = new Int32Array(capacity);
    this.#reading = emptyReading(wiring.elements, highest, options.interharmonics ? highest : 0);
    this.synchroniser = new Synchroniser(nominalHz, wiring.elements, this.#cycles / nominalHz / 2);
    this.#urms = new Float64Array(wiring.elements);
    this.#events = new SupplyEvents(
      { ...supplyThresholds, ...options.supplyThresholds },
      { declaredV: options.declaredV, phases: wiring.elements, nominalHz },
      (event) => options.onSupplyEvent?.(event),
    );
    const { flickerLamp } = options;
    this.#flickermeters = flickerLamp
      ? this.#elements.map(
          (_, phase) =>
            new Flickermeter({
              sampleRateHz,
              nominalHz,
              lamp: flickerLamp,
              onShortTerm: (pst, endS) => options.onFlicker?.(phase, pst, endS),
            }),
        )
      : [];
  }

  /** Counters of the sums over the phases. */
  get net(): QuadrantCounters {
    return this.#account.net;
  }

  /** What does the work on every sample. */
  get kernelKind(): WindowKernel['kind'] {
    return this.#kernel.kind;
  }

  /** Other limits of dips, swells, interruptions and rapid changes from now on. */
  watchSupply(thresholds: SupplyThresholds): void {
    this.#events.configure(thresholds);
  }

  /** Counters of a phase, from 0. */
  phaseCounters(phase: number): QuadrantCounters {
    const element = this.#elements[phase];
    assert(element, `there is no phase ${phase}`);
    return element.counters;
  }

  /** Takes `count` samples of a block, from `first`. */
  push(block: SampleBlock, count: number, first = 0): void {
    for (let done = 0; done < count; ) {
      const next = Math.min(chunk, count - done);
      this.#take(block, first + done, next);
      done += next;
      if (!this.#isAcquired && this.#fill >= this.#longestWindow + tapsBefore + tapsAfter + 2) {
        this.#isAcquired = true;
        this.#acquire(0);
      }
      while (this.#isAcquired && this.#isWindowComplete()) {
        // The mains may come back at another frequency, and with it a longer window.
        if (this.synchroniser.isHeld) this.#acquire(Math.floor(this.#windowStart));
        if (this.#isWindowComplete()) this.#closeWindow();
      }
    }
  }

  #take(block: SampleBlock, first: number, count: number): void {
    const fill = this.#fill;
    for (const [phase, element] of this.#elements.entries()) {
      element.voltage.set((block.voltages[phase] as Int32Array).subarray(first, first + count), fill);
      element.current.set((block.currents[phase] as Int32Array).subarray(first, first + count), fill);
      this.#flickermeters[phase]?.push(element.voltage, fill, fill + count);
    }
    this.#hasNeutral = block.neutral !== undefined;
    if (block.neutral) this.#neutral.set(block.neutral.subarray(first, first + count), fill);
    this.#fill += count;
  }

  /** Looks for the mains in the samples from `first` on; without voltage the last frequency is held. */
  #acquire(first: number): void {
    const { sampleRateHz, nominalHz, declaredV } = this.options;
    const search = {
      sampleRateHz,
      nominalHz,
      first,
      count: Math.min(this.#fill - first, this.#longestWindow),
    };
    for (const element of this.#elements) {
      const leastRms = (leastVoltageShare * declaredV) / element.voltsPerCode;
      const found = findFrequency(element.voltage, search, leastRms);
      if (found === undefined) continue;
      this.synchroniser.acquire(found);
      return;
    }
  }

  #isWindowComplete(): boolean {
    return (
      this.#windowStart + this.#lengthAt(this.synchroniser.frequencyHz) * 1.001 + tapsAfter + 1 < this.#fill
    );
  }

  #lengthAt(hz: number): number {
    return (this.#cycles * this.options.sampleRateHz) / hz;
  }

  #closeWindow(): void {
    const { sampleRateHz, nominalHz, declaredV } = this.options;
    const { synchroniser } = this;
    const first = this.#elements[0] as MeteringElement;
    const leastMagnitude = ((leastVoltageShare * declaredV) / first.voltsPerCode) * (this.#points / 2) * 0.7;
    let hz = synchroniser.frequencyHz;
    let length = this.#lengthAt(hz);
    for (let round = 0; round < 2; round++) {
      length = this.#lengthAt(hz);
      this.#load(length);
      this.#kernel.analyse(this.#windowStart, length / this.#points);
      for (const [phase, { spectrum }] of this.#elements.entries()) {
        spectrum.take(this.#kernel, phase, this.#points);
      }
      const middleS = (this.#base + this.#windowStart + length / 2) / sampleRateHz;
      const estimate = synchroniser.estimate(this.#phasors(), middleS, leastMagnitude);
      if (estimate === undefined || !synchroniser.isOff(hz, estimate)) break;
      const isSane =
        estimate > nominalHz * (frequencyRange[0] - 0.02) &&
        estimate < nominalHz * (frequencyRange[1] + 0.02);
      const isWithin = this.#windowStart + this.#lengthAt(estimate) + tapsAfter + 1 < this.#fill;
      if (!isSane || !isWithin || round === 1) break;
      hz = estimate;
    }
    const middleS = (this.#base + this.#windowStart + length / 2) / sampleRateHz;
    synchroniser.accept(this.#phasors(), middleS, leastMagnitude);
    this.#measure(length);
    this.#countEnergy(length);
    this.#watchSupply(length);
    this.options.onWindow?.(this.#reading);
    this.#goOn(length);
    this.#discard();
  }

  /** Gives the kernel the window and what is not counted yet; the ends need room for the taps. */
  #load(length: number): void {
    const from = Math.min(this.countedToSample - this.#base, Math.floor(this.#windowStart) - tapsBefore);
    const to = Math.ceil(this.#windowStart + length) + tapsAfter + 2;
    this.#kernel.load(this.#elements, Math.max(0, from), Math.min(this.#fill, to));
  }

  /** The next window follows, or begins at the tick of the clock that lies in this one. */
  #goOn(length: number): void {
    const start = this.#base + this.#windowStart;
    const tick = this.#ticks.within(start, start + length);
    if (tick !== undefined && start + length - tick > length / (2 * this.#cycles)) {
      for (const { halfCycles } of this.#elements) halfCycles.restart();
    }
    this.#windowStart = (tick ?? start + length) - this.#base;
  }

  readonly #spectra: PairSpectrum[] = [];
  #phasors(): readonly PairSpectrum[] {
    if (this.#spectra.length === 0) for (const { spectrum } of this.#elements) this.#spectra.push(spectrum);
    return this.#spectra;
  }

  /** Quantities of the window into the reading. */
  #measure(length: number): void {
    const reading = this.#reading;
    const { sampleRateHz } = this.options;
    reading.startSample = this.#base + this.#windowStart;
    reading.lengthSamples = length;
    reading.startS = reading.startSample / sampleRateHz;
    reading.durationS = length / sampleRateHz;
    reading.frequencyHz = this.synchroniser.frequencyHz;
    reading.isFrequencyHeld = this.synchroniser.isHeld;
    const reference = (this.#elements[0] as MeteringElement).spectrum;
    const referenceRad = Math.atan2(reference.xIm[1] as number, reference.xRe[1] as number);
    for (const [phase, element] of this.#elements.entries()) {
      element.measure(reading.phases[phase] as PhaseReading, reading.frequencyHz, referenceRad);
    }
    this.#measureInterharmonics(length);
    findSums(reading, this.options);
    findUnbalance(reading, this.#phasors(), wirings[this.options.wiring].isLineToLine);
    if (this.#hasNeutral) {
      reading.neutralA = this.#neutralRms(length) * (this.#elements[0] as MeteringElement).ampsPerCode;
    } else findNeutral(reading, this.#phasors(), this.#currentScales());
    const halfLength = length / (2 * this.#cycles);
    for (const element of this.#elements) {
      element.measureHalfCycles(this.#kernel, this.#windowStart, halfLength);
    }
  }

  #measureInterharmonics(length: number): void {
    if (!this.#interharmonics) return;
    const window = {
      first: this.#windowStart,
      step: length / this.#points,
      from: Math.floor(this.#windowStart) - tapsBefore,
      to: Math.min(this.#fill, Math.ceil(this.#windowStart + length) + tapsAfter + 2),
    };
    for (const [phase, element] of this.#elements.entries()) {
      const { voltageInterharmonicsV, currentInterharmonicsA } = this.#reading.phases[phase] as PhaseReading;
      const out = { voltage: voltageInterharmonicsV, current: currentInterharmonicsA };
      this.#interharmonics.measure(element, window, out);
      for (let order = 0; order < out.voltage.length; order++) {
        out.voltage[order] = (out.voltage[order] as number) * element.voltsPerCode;
        out.current[order] = (out.current[order] as number) * element.currentScale;
      }
    }
  }

  readonly #scales: number[] = [];
  #currentScales(): readonly number[] {
    for (const [phase, element] of this.#elements.entries()) this.#scales[phase] = element.currentScale;
    return this.#scales;
  }

  #neutralRms(length: number): number {
    const from = Math.ceil(this.#windowStart);
    const to = Math.ceil(this.#windowStart + length);
    let sum = 0;
    let squares = 0;
    for (let n = from; n < to; n++) {
      const value = this.#neutral[n] as number;
      sum += value;
      squares += value * value;
    }
    const mean = this.#removesDc ? sum / (to - from) : 0;
    return Math.sqrt(Math.max(0, squares / (to - from) - mean * mean));
  }

  /** Urms(1/2) of the window's half cycles to the events and to flicker. */
  #watchSupply(length: number): void {
    const halves = 2 * this.#cycles;
    const { sampleRateHz } = this.options;
    let isTouched = this.#events.isActive;
    for (let half = 0; half < halves; half++) {
      const endS = (this.#base + this.#windowStart + ((half + 1) * length) / halves) / sampleRateHz;
      // A window that was cut anew at a tick begins with half cycles that were seen before.
      if (endS <= this.#watchedToS) continue;
      this.#watchedToS = endS;
      for (const [phase, { halfCycles, voltsPerCode }] of this.#elements.entries()) {
        this.#urms[phase] = (halfCycles.rms[half] as number) * voltsPerCode;
      }
      this.#events.step(this.#urms, endS);
      isTouched ||= this.#events.isActive;
    }
    this.#reading.isFlagged = isTouched;
  }

  #countEnergy(length: number): void {
    const from = this.countedToSample - this.#base;
    const to = Math.ceil(this.#windowStart + length);
    this.#account.add(this.#elements, this.#reading, { kernel: this.#kernel, from, to });
    this.countedToSample = this.#base + to;
  }

  /** Lets go of samples that no window needs any more. */
  #discard(): void {
    const keep = Math.min(Math.floor(this.#windowStart) - tapsBefore - 1, this.countedToSample - this.#base);
    if (keep < this.#longestWindow) return;
    for (const { voltage, current } of this.#elements) {
      voltage.copyWithin(0, keep, this.#fill);
      current.copyWithin(0, keep, this.#fill);
    }
    this.#neutral.copyWithin(0, keep, this.#fill);
    this.#fill -= keep;
    this.#base += keep;
    this.#windowStart -= keep;
  }
}
