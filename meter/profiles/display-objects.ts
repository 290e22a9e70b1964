/** The object of the display: what the segments and annunciators show, and what the lists hold, as `displayObis` in model describes it. */
import { type DisplaySign, displayObis, displaySigns } from '@wattline/model';
import type { AxdrWriter } from '@wattline/protocols/dlms';
import type { CosemObject } from '../cosem/cosem-object.ts';
import type { Annunciators, DisplayPage } from '../display/display.ts';
import type { MeterParts } from '../meter-parts.ts';
import { dataObject } from './value-objects.ts';

/** The display of a meter. */
export function displayObject(): CosemObject {
  return dataObject(displayObis, writeDisplay, { label: 'Display' });
}

const isOn: Readonly<Record<DisplaySign, (of: Annunciators) => boolean>> = {
  L1: ({ phases }) => phases[0] === true,
  L2: ({ phases }) => phases[1] === true,
  L3: ({ phases }) => phases[2] === true,
  'switch-open': ({ isSwitchOpen }) => isSwitchOpen,
  tampered: ({ isTampered }) => isTampered,
  communicating: ({ isCommunicating }) => isCommunicating,
  'battery-low': ({ isBatteryLow }) => isBatteryLow,
  'clock-invalid': ({ isClockInvalid }) => isClockInvalid,
  'credit-low': ({ isCreditLow }) => isCreditLow,
};

function writeDisplay(writer: AxdrWriter, parts: MeterParts): void {
  const { display } = parts;
  const scene = display.scene(parts.nowMs());
  const { annunciators, isLit } = scene;
  const { automatic, manual, dwellS } = display.lists;
  writer.structure(8).boolean(isLit).unsigned(dwellS);
  writer.bitString(signBits(annunciators), displaySigns.length);
  writer.enumerate(annunciators.quadrant ?? 0).unsigned(annunciators.rate);
  writePage(writer, scene);
  for (const list of [automatic, manual]) {
    writer.array(list.length);
    for (const name of list) writePage(writer, display.page(name));
  }
}

function signBits(annunciators: Annunciators): Uint8Array {
  const octets = new Uint8Array(Math.ceil(displaySigns.length / 8));
  for (const [bit, sign] of displaySigns.entries()) {
    if (isOn[sign](annunciators)) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return octets;
}

function writePage(writer: AxdrWriter, { code, digits, decimals, unit, segments }: DisplayPage): void {
  writer.structure(5).octetString(Buffer.from(code)).octetString(Buffer.from(digits));
  writer.unsigned(decimals).octetString(Buffer.from(unit)).octetString(Uint8Array.from(segments));
}
