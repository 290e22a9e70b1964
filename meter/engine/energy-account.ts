/** Counts the energies of windows: P by every sample once, Q and S by the window; per phase and as net of the phases. */
import { EnergyRounding, QuadrantCounters } from './energy-counter.ts';
import type { MeteringElement } from './metering-element.ts';
import type { WindowKernel } from './window-kernel.ts';
import type { PhaseReading, WindowReading } from './window-reading.ts';

/** The account of one engine. */
export class EnergyAccount {
  /** Sums over the phases: the signs of P and Q are those of the sums. */
  readonly net = new QuadrantCounters();
  readonly #apparentRounding = new EnergyRounding();
  readonly #sampleRateHz: number;
  readonly #creepW: number;

  /** A phase whose active and reactive power are below `creepW` counts nothing (anti-creep). */
  constructor(sampleRateHz: number, creepW: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#creepW = creepW;
  }

  /** Adds samples [from, to) of what the kernel holds, with the reading of their window. */
  add(
    elements: readonly MeteringElement[],
    reading: WindowReading,
    of: { readonly kernel: WindowKernel; readonly from: number; readonly to: number },
  ): void {
    const seconds = (of.to - of.from) / this.#sampleRateHz;
    let netActive = 0;
    let netReactive = 0;
    let isLoaded = false;
    for (const [phase, element] of elements.entries()) {
      const { activeW, reactiveVar, apparentVa } = reading.phases[phase] as PhaseReading;
      if (Math.abs(activeW) < this.#creepW && Math.abs(reactiveVar) < this.#creepW) continue;
      isLoaded = true;
      const joules = element.sampleEnergy(of.kernel, of.from, of.to) + element.turnedW * seconds;
      const active = element.activeRounding.round(joules);
      const reactive = element.reactiveRounding.round(reactiveVar * seconds);
      const apparent = Math.max(0, element.apparentRounding.round(apparentVa * seconds));
      element.counters.add(active, reactive, apparent);
      netActive += active;
      netReactive += reactive;
    }
    if (!isLoaded) return;
    const apparent = Math.max(0, this.#apparentRounding.round(reading.apparentVa * seconds));
    this.net.add(netActive, netReactive, apparent);
  }
}
