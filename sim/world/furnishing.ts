/** What stands in a premises and on its roof: drawn from shares of owners that are plausible, not measured. */
import type { Random } from '@wattline/base';
import { pick } from './draw.ts';

/** What a premises is used for; the load model has one shape for each. */
export type PremisesUse = HomeUse | ShopUse | PublicUse;
export type HomeUse = 'household';
export type ShopUse = 'grocery' | 'office' | 'cafe' | 'workshop';
export type PublicUse = 'street-lighting' | 'school' | 'water-pump' | 'hall';

/** A solar roof. */
export interface SolarRoof {
  /** Rated power, W. */
  readonly peakW: number;
  /** Degrees clockwise from north to which the roof looks. */
  readonly azimuthDegrees: number;
  /** Degrees from level. */
  readonly tiltDegrees: number;
}

/** What a household owns. */
export interface Appliances {
  readonly coldW: number;
  readonly standbyW: number;
  readonly lampsW: number;
  readonly electronicsW: number;
  readonly hasElectricCooker: boolean;
  readonly hasElectricShower: boolean;
  readonly hasImmersionHeater: boolean;
  readonly hasWashingMachine: boolean;
  readonly hasTumbleDryer: boolean;
  readonly hasDishwasher: boolean;
  readonly hasAirConditioner: boolean;
  /** Charger power, W; 0 without an electric vehicle. */
  readonly vehicleChargerW: number;
}

/** What load needs to know of a premises. */
export interface Furnishing {
  readonly phases: 1 | 3;
  readonly floorAreaM2: number;
  /** People who live here; 0 in shops and public places. */
  readonly occupants: number;
  /** How readily its people leave the house on a working day, 0 to 1. */
  readonly outgoing: number;
  readonly heating: 'gas' | 'heat-pump' | 'electric';
  readonly appliances: Appliances;
}

/** Whether summers are hot enough for air conditioners to be usual. */
export interface Climate {
  readonly isHot: boolean;
  /** 1 where roofs look south, -1 where they look north. */
  readonly hemisphere: 1 | -1;
}

/** A roof of 1.5 to 6 kW that looks about toward the equator. */
export function drawRoof(random: Random, climate: Climate): SolarRoof {
  const towardEquator = climate.hemisphere === 1 ? 180 : 0;
  return {
    peakW: 1500 + 250 * random.below(19),
    azimuthDegrees: (towardEquator + 40 * (random.next() + random.next() - 1) + 360) % 360,
    tiltDegrees: 22 + random.below(22),
  };
}

/** Shares of owners roughly as in a British town; they are plausible, not measured. */
export function drawHome(random: Random, climate: Climate): Furnishing {
  const occupants = pick(random, [0.29, 0.35, 0.15, 0.14, 0.07]) + 1;
  const floorAreaM2 = Math.round(45 + 16 * occupants + 18 * Math.abs(random.normal()));
  const has = (share: number) => random.next() < share;
  const heating = climate.isHot
    ? 'gas'
    : ((['gas', 'heat-pump', 'electric'] as const)[pick(random, [0.91, 0.06, 0.03])] ?? 'gas');
  const appliances: Appliances = {
    coldW: has(0.35) ? 70 : 40,
    standbyW: Math.round(25 + floorAreaM2 * 0.22 * (0.6 + random.next())),
    lampsW: Math.round(40 + floorAreaM2 * (0.5 + random.next())),
    electronicsW: Math.round(60 + 120 * random.next()),
    hasElectricCooker: has(0.55),
    hasElectricShower: has(0.35),
    hasImmersionHeater: has(0.08),
    hasWashingMachine: has(0.96),
    hasTumbleDryer: has(0.4),
    hasDishwasher: has(0.45),
    hasAirConditioner: has(climate.isHot ? 0.6 : 0.02),
    vehicleChargerW: has(0.06) ? 7200 : 0,
  };
  const phases: 1 | 3 = heating !== 'gas' && appliances.vehicleChargerW > 0 ? 3 : 1;
  return {
    occupants,
    floorAreaM2,
    phases,
    outgoing: 0.15 + 0.85 * random.next(),
    heating,
    appliances,
  } as const;
}

const noAppliances: Appliances = {
  coldW: 0,
  standbyW: 0,
  lampsW: 0,
  electronicsW: 0,
  hasElectricCooker: false,
  hasElectricShower: false,
  hasImmersionHeater: false,
  hasWashingMachine: false,
  hasTumbleDryer: false,
  hasDishwasher: false,
  hasAirConditioner: false,
  vehicleChargerW: 0,
};

/** A premises of which nothing is modelled. */
export const unfurnished: Furnishing = {
  occupants: 0,
  floorAreaM2: 0,
  phases: 1,
  outgoing: 0,
  heating: 'gas',
  appliances: noAppliances,
};

const floorAreas: Readonly<Record<PremisesUse, readonly [from: number, to: number]>> = {
  household: [0, 0],
  grocery: [60, 260],
  office: [60, 300],
  cafe: [50, 140],
  workshop: [90, 400],
  'street-lighting': [0, 0],
  school: [700, 1800],
  'water-pump': [20, 40],
  hall: [250, 700],
};

/** A shop or public place: its floor is all that the load model asks for. */
export function drawPlace(random: Random, use: PremisesUse): Furnishing {
  const [from, to] = floorAreas[use];
  const phases = use === 'cafe' || use === 'street-lighting' ? 1 : 3;
  return { ...unfurnished, phases, floorAreaM2: Math.round(from + (to - from) * random.next()) };
}
