/** Reads the object of the display (`displayObis` in model) out of its Data. */
import { displaySigns, type MomentDisplay, type MomentDisplayPage } from '@wattline/model';
import type { Data } from '@wattline/protocols/dlms';
import { elementsOf, numberOf, octetsOf } from './moment-values.ts';

const textOf = (data: Data | undefined) => {
  const octets = octetsOf(data);
  return octets && Buffer.from(octets).toString('latin1');
};

/** The display, or null when the meter shows none or something else. */
export function displayOf(data: Data | undefined): MomentDisplay | null {
  const [lit, dwell, signs, quadrant, rate, now, automatic, manual] = elementsOf(data) ?? [];
  const page = now && pageOf(now);
  if (lit?.type !== 'boolean' || signs?.type !== 'bit-string' || !page) return null;
  const { bits, value: octets } = signs;
  const isOn = (bit: number) => bit < bits && ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  const pages = (of: Data | undefined) =>
    (elementsOf(of) ?? []).map(pageOf).filter((one) => one !== undefined);
  return {
    isLit: lit.value,
    dwellS: numberOf(dwell) ?? 0,
    signs: displaySigns.filter((_, bit) => isOn(bit)),
    quadrant: numberOf(quadrant) || null,
    rate: numberOf(rate) ?? 0,
    now: page,
    automatic: pages(automatic),
    manual: pages(manual),
  };
}

function pageOf(data: Data): MomentDisplayPage | undefined {
  const [code, digits, decimals, unit, segments] = elementsOf(data) ?? [];
  const [codeText, digitText, unitText] = [code, digits, unit].map(textOf);
  const driven = octetsOf(segments);
  if (codeText === undefined || digitText === undefined || unitText === undefined || !driven)
    return undefined;
  return {
    ...{ code: codeText, digits: digitText, unit: unitText, segments: [...driven] },
    decimals: numberOf(decimals) ?? 0,
  };
}
