/** One element of the meter: the samples of its voltage and current, what a window of them shows, what is counted. */
import assert from 'node:assert/strict';
import { type Calibration, CurrentErrorTable, type PhaseCalibration } from './calibration.ts';
import { EnergyRounding, QuadrantCounters } from './energy-counter.ts';
import { HalfCycleRms } from './half-cycle.ts';
import type { PairSpectrum } from './pair-spectrum.ts';
import type { WindowKernel } from './window-kernel.ts';
import type { PhaseReading } from './window-reading.ts';

/** How an element is built. */
export interface ElementOptions {
  /** Samples that are kept. */
  readonly capacity: number;
  readonly spectrum: PairSpectrum;
  /** Half cycles of a window. */
  readonly halfCycles: number;
  readonly removesDc: boolean;
  readonly sampleRateHz: number;
}

/** One element: its samples, spectrum, counters. */
export class MeteringElement {
  readonly voltage: Int32Array;
  readonly current: Int32Array;
  readonly spectrum: PairSpectrum;
  readonly counters = new QuadrantCounters();
  readonly activeRounding = new EnergyRounding();
  readonly reactiveRounding = new EnergyRounding();
  readonly apparentRounding = new EnergyRounding();
  readonly table: CurrentErrorTable;
  readonly calibration: PhaseCalibration;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  readonly halfCycles: HalfCycleRms;
  readonly #index: number;
  readonly #removesDc: boolean;
  readonly #sampleRateHz: number;
  /** Found at the current of the window. */
  currentScale = 0;
  /** What the angle errors of the current path took from P and Q, W and var. */
  turnedW = 0;

  constructor(calibration: Calibration, phase: number, options: ElementOptions) {
    const own = calibration.phases[phase];
    assert(own, `the calibration has no phase ${phase + 1}`);
    this.#index = phase;
    this.calibration = own;
    this.voltage = new Int32Array(options.capacity);
    this.current = new Int32Array(options.capacity);
    this.spectrum = options.spectrum;
    this.table = new CurrentErrorTable(own.currentTable);
    this.voltsPerCode = calibration.voltsPerCode * own.voltageGain;
    this.ampsPerCode = calibration.ampsPerCode * own.currentGain;
    this.halfCycles = new HalfCycleRms(options.halfCycles);
    this.#removesDc = options.removesDc;
    this.#sampleRateHz = options.sampleRateHz;
  }

  /** Quantities of the window at a frequency; angles count from that of phase 1. */
  measure(out: PhaseReading, hz: number, referenceRad: number): void {
    const { spectrum, table, voltsPerCode, calibration } = this;
    const meanX = this.#removesDc ? spectrum.meanX : calibration.voltageOffset;
    const meanY = this.#removesDc ? spectrum.meanY : calibration.currentOffset;
    const cross = spectrum.productXy - meanX * spectrum.meanY - meanY * spectrum.meanX + meanX * meanY;
    const xx = Math.max(0, spectrum.productXx - 2 * meanX * spectrum.meanX + meanX * meanX);
    const yy = Math.max(0, spectrum.productYy - 2 * meanY * spectrum.meanY + meanY * meanY);
    const y1 = Math.hypot(spectrum.yRe[1] as number, spectrum.yIm[1] as number);
    table.lookUp(y1 * this.ampsPerCode);
    this.currentScale = this.ampsPerCode / (1 + table.gainError);
    const power = voltsPerCode * this.currentScale;
    // A current that is turned by its sensor: each harmonic is turned back, and P takes the difference.
    const delayRad = 2 * Math.PI * hz * calibration.delayS;
    let turned = 0;
    let sumV = 0;
    let sumA = 0;
    for (let order = 1; order < spectrum.xRe.length; order++) {
      const angle = order * delayRad - table.angleRad / order;
      const p = dot(spectrum, order);
      const q = crossOf(spectrum, order);
      turned += p * (Math.cos(angle) - 1) + q * Math.sin(angle);
      const groupV = (spectrum.xGroup[order] as number) * voltsPerCode;
      const groupA = (spectrum.yGroup[order] as number) * this.currentScale;
      out.voltageHarmonicsV[order] = groupV;
      out.currentHarmonicsA[order] = groupA;
      if (order > 1) {
        sumV += groupV * groupV;
        sumA += groupA * groupA;
      }
    }
    const fundamentalAngle = delayRad - table.angleRad;
    const p1 = dot(spectrum, 1);
    const q1 = crossOf(spectrum, 1);
    this.turnedW = turned * power;
    out.voltageHarmonicsV[0] = spectrum.meanX * voltsPerCode;
    out.currentHarmonicsA[0] = spectrum.meanY * this.currentScale;
    out.voltageV = Math.sqrt(xx) * voltsPerCode;
    out.currentA = Math.sqrt(yy) * this.currentScale;
    out.activeW = (cross + turned) * power;
    out.reactiveVar = (q1 * Math.cos(fundamentalAngle) - p1 * Math.sin(fundamentalAngle)) * power;
    out.apparentVa = out.voltageV * out.currentA;
    out.powerFactor = out.apparentVa > 0 ? out.activeW / out.apparentVa : 1;
    out.fundamentalV = Math.hypot(spectrum.xRe[1] as number, spectrum.xIm[1] as number) * voltsPerCode;
    out.fundamentalA = y1 * this.currentScale;
    const own = Math.atan2(spectrum.xIm[1] as number, spectrum.xRe[1] as number) - referenceRad;
    out.voltageAngleRad = own - 2 * Math.PI * Math.round(own / (2 * Math.PI));
    out.lagRad = Math.atan2(q1, p1) - fundamentalAngle;
    out.thdVoltage = out.fundamentalV > 0 ? Math.sqrt(sumV) / (out.voltageHarmonicsV[1] as number) : 0;
    out.thdCurrent = out.fundamentalA > 0 ? Math.sqrt(sumA) / (out.currentHarmonicsA[1] as number) : 0;
  }

  /** Energy of samples [from, to) of what the kernel holds, J, without DC, before the angle errors are taken out. */
  sampleEnergy(kernel: WindowKernel, from: number, to: number): number {
    const { spectrum, calibration } = this;
    const sum = kernel.sumOfProducts(this.#index, 'current', from, to);
    const meanX = this.#removesDc ? spectrum.meanX : calibration.voltageOffset;
    const meanY = this.#removesDc ? spectrum.meanY : calibration.currentOffset;
    let offset = 0;
    if (meanX !== 0 || meanY !== 0) {
      const sumX = kernel.sumOfCodes(this.#index, 'voltage', from, to);
      const sumY = kernel.sumOfCodes(this.#index, 'current', from, to);
      offset = (to - from) * meanX * meanY - meanX * sumY - meanY * sumX;
    }
    return ((sum + offset) * this.voltsPerCode * this.currentScale) / this.#sampleRateHz;
  }

  /** Urms(1/2) of the half cycles of a window that the kernel holds. */
  measureHalfCycles(kernel: WindowKernel, start: number, halfLength: number): void {
    this.halfCycles.measure(this.voltage, { start, halfLength }, (from, to) =>
      kernel.sumOfProducts(this.#index, 'voltage', from, to),
    );
  }
}

/** Re(X conj Y) and Im(X conj Y) of an order. */
function dot({ xRe, xIm, yRe, yIm }: PairSpectrum, order: number): number {
  return (xRe[order] as number) * (yRe[order] as number) + (xIm[order] as number) * (yIm[order] as number);
}
function crossOf({ xRe, xIm, yRe, yIm }: PairSpectrum, order: number): number {
  return (xIm[order] as number) * (yRe[order] as number) - (xRe[order] as number) * (yIm[order] as number);
}
