/** Reads what a meter shows of the present moment: registers, angles, harmonics, wave, display, log. What it has no object for is null. */
import { codeOf, formatInstant } from '@wattline/base';
import { displayObis, type MeterMoment, type MomentRegister, waveformObis } from '@wattline/model';
import { type AttributeDescriptor, type Data, encodeRange } from '@wattline/protocols/dlms';
import { displayOf } from './display-object.ts';
import {
  elementsOf,
  formatScaled,
  instantOf,
  numberOf,
  octetsOf,
  type ScalerUnit,
  scalerUnitOf,
  wholeOf,
} from './moment-values.ts';
import { waveOf } from './wave-object.ts';

/** Registers that are listed, by their standard codes (IEC 62056-6-1); those the meter does not have are left out. */
const listedRegisters = [
  ['1.0.1.8.0.255', '+A total'],
  ['1.0.1.8.1.255', '+A rate 1'],
  ['1.0.1.8.2.255', '+A rate 2'],
  ['1.0.1.8.3.255', '+A rate 3'],
  ['1.0.1.8.4.255', '+A rate 4'],
  ['1.0.2.8.0.255', '-A total'],
  ['1.0.5.8.0.255', 'R quadrant I'],
  ['1.0.6.8.0.255', 'R quadrant II'],
  ['1.0.7.8.0.255', 'R quadrant III'],
  ['1.0.8.8.0.255', 'R quadrant IV'],
  ['1.0.9.8.0.255', '+S total'],
  ['1.0.10.8.0.255', '-S total'],
] as const;
const phaseCodes = [
  ['1.0.32.7.0.255', '1.0.31.7.0.255'],
  ['1.0.52.7.0.255', '1.0.51.7.0.255'],
  ['1.0.72.7.0.255', '1.0.71.7.0.255'],
] as const;
const notGiven = new Set(['headend/attribute-refused', 'headend/object-not-found']);
const registerClass = 3;
const logSpanMs = 7 * 86_400_000;
const mostLogEntries = 8;

/**
 * What does not change from one look to the next: which objects the meter has, and the meaning of its registers. Keep one for each
 * meter that is looked at again and again.
 */
export class MomentMemory {
  readonly absent = new Set<string>();
  readonly meanings = new Map<string, ScalerUnit | undefined>();
}

/** Asks within an association; throws `headend/attribute-refused` or `headend/object-not-found` where the meter does not give it. */
export type AskMeter = (reference: AttributeDescriptor) => Promise<Data>;

/** Reads the moment within an association. @throws CodedError as `ask`, but for attributes that the meter does not give. */
export async function readMoment(ask: AskMeter, memory: MomentMemory): Promise<MeterMoment> {
  const reader = new MomentReader(ask, memory);
  const serial = octetsOf(await reader.value(1, '0.0.96.1.0.255'));
  const atMs = instantOf(await reader.value(8, '0.0.1.0.0.255'));
  const phases = [];
  for (const [voltage, current] of phaseCodes) {
    const voltageV = await reader.number(voltage);
    if (voltageV === null) break;
    phases.push({ voltageV, currentA: await reader.number(current) });
  }
  const delivered = await reader.number('1.0.1.7.0.255');
  const received = await reader.number('1.0.2.7.0.255');
  const output = await reader.value(70, '0.0.96.3.10.255');
  return {
    serial: serial ? Buffer.from(serial).toString('latin1') : '',
    at: formatInstant(atMs ?? 0),
    activeW: delivered === null ? null : delivered - (received ?? 0),
    frequencyHz: await reader.number('1.0.14.7.0.255'),
    powerFactor: await reader.number('1.0.13.7.0.255'),
    isConnected: output?.type === 'boolean' ? output.value : null,
    phases,
    registers: await reader.registers(),
    log: atMs === undefined ? [] : await reader.log(atMs),
    display: displayOf(await reader.value(1, displayObis)),
    wave: waveOf(await reader.value(1, waveformObis)),
  };
}

class MomentReader {
  readonly #ask: AskMeter;
  readonly #memory: MomentMemory;

  constructor(ask: AskMeter, memory: MomentMemory) {
    this.#ask = ask;
    this.#memory = memory;
  }

  /** An attribute; undefined when the meter refuses it, which is remembered. */
  async value(
    classId: number,
    obis: string,
    more: Partial<Pick<AttributeDescriptor, 'attribute' | 'access'>> = {},
  ): Promise<Data | undefined> {
    const reference = { classId, obis, attribute: 2, ...more };
    const name = `${classId}/${obis}/${reference.attribute}`;
    if (this.#memory.absent.has(name)) return undefined;
    try {
      return await this.#ask(reference);
    } catch (error) {
      if (!notGiven.has(codeOf(error))) throw error;
      this.#memory.absent.add(name);
      return undefined;
    }
  }

  /** A register in its unit. */
  async number(obis: string): Promise<number | null> {
    const value = await this.value(registerClass, obis);
    const meaning = value && (await this.#meaning(obis));
    return meaning ? (numberOf(value, meaning.scaler) ?? null) : null;
  }

  async registers(): Promise<MomentRegister[]> {
    const found: MomentRegister[] = [];
    for (const [obis, name] of listedRegisters) {
      const whole = wholeOf(await this.value(registerClass, obis));
      const meaning = whole === undefined ? undefined : await this.#meaning(obis);
      if (whole === undefined || !meaning) continue;
      found.push({ obis, name, value: formatScaled(whole, meaning.scaler), unit: meaning.unit });
    }
    return found;
  }

  /** The last entries of the standard log, newest first. */
  async log(atMs: number): Promise<MeterMoment['log']> {
    const access = encodeRange(atMs - logSpanMs, atMs, 0);
    const rows = elementsOf(await this.value(7, '0.0.99.98.0.255', { access })) ?? [];
    const entries = rows.map((row) => {
      const [time, code] = elementsOf(row) ?? [];
      return { ms: instantOf(time), code: numberOf(code) };
    });
    return entries
      .filter(
        (entry): entry is { ms: number; code: number } => entry.ms !== undefined && entry.code !== undefined,
      )
      .toReversed()
      .slice(0, mostLogEntries)
      .map(({ ms, code }) => ({ at: formatInstant(ms), code }));
  }

  async #meaning(obis: string): Promise<ScalerUnit | undefined> {
    const { meanings } = this.#memory;
    if (!meanings.has(obis)) {
      meanings.set(obis, scalerUnitOf(await this.value(registerClass, obis, { attribute: 3 })));
    }
    return meanings.get(obis);
  }
}
