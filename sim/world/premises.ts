/** The town's premises: homes, shops and public places, what stands in them and what hangs on the roof. */
import type { Random } from '@wattline/base';
import type { UsagePoint } from '@wattline/model';
import { shuffle } from './draw.ts';
import {
  type Climate,
  drawHome,
  drawPlace,
  drawRoof,
  type Furnishing,
  type PremisesUse,
  type PublicUse,
  type ShopUse,
  type SolarRoof,
  unfurnished,
} from './furnishing.ts';
import type { Plot } from './network-tree.ts';

/** A usage point plus what its load is made of. */
export interface Premises extends UsagePoint, Furnishing {
  readonly index: number;
  readonly use: PremisesUse;
  readonly solar: SolarRoof | null;
}

/** Tariff ids by kind of customer; the town's tariffs carry these ids. */
export const townTariffs = {
  home: 'WTL-HOME-TOU',
  solarHome: 'WTL-HOME-TOU',
  shop: 'WTL-SHOP-TOU',
  public: 'WTL-PUBLIC',
} as const;

const publicUses: readonly PublicUse[] = ['street-lighting', 'school', 'water-pump', 'hall'];
const shopUses: readonly ShopUse[] = ['grocery', 'office', 'cafe', 'workshop'];
const homeShare = 0.8;
const shopShare = 0.12;
const solarShare = 0.2;

/**
 * Draws the premises of all plots. The first three never change their kind, so that guides can name them:
 * UP-0001 is a home, UP-0002 a home with a solar roof, UP-0003 a shop.
 */
export function drawPremises(of: {
  readonly plots: readonly Plot[];
  readonly zone: string;
  readonly random: Random;
  readonly climate: Climate;
}): Premises[] {
  const { plots, zone, random, climate } = of;
  const uses = drawUses(plots.length, random.fork('uses'));
  const solar = drawSolarHomes(uses, random.fork('solar'));
  const width = Math.max(4, String(plots.length).length);
  const counts = { home: 0, shop: 0, public: 0 };
  return plots.map((plot, index) => {
    const use = uses[index] as PremisesUse;
    const kind = kindOf(use);
    const ordinal = String(++counts[kind]).padStart(width, '0');
    const own = random.fork(`premises/${index}`);
    const roof = solar.has(index) ? drawRoof(own, climate) : null;
    const interior = use === 'household' ? drawHome(own, climate) : drawPlace(own, use);
    return {
      ...placeOn(plot, zone),
      ...interior,
      id: usagePointId(index, plots.length),
      index,
      kind,
      use,
      customer: `${customerTitles[use]} ${ordinal}`,
      tariffId: roof ? townTariffs.solarHome : townTariffs[kind],
      solar: roof,
      solarW: roof?.peakW ?? 0,
    };
  });
}

/** All plots as homes that replay a measured series: nothing of the load is modelled, so nothing is drawn. */
export function replayedPremises(of: {
  readonly plots: readonly Plot[];
  readonly zone: string;
  readonly solarW: (index: number) => number;
}): Premises[] {
  const width = Math.max(4, String(of.plots.length).length);
  return of.plots.map((plot, index) => {
    const solarW = of.solarW(index);
    return {
      ...placeOn(plot, of.zone),
      ...unfurnished,
      id: usagePointId(index, of.plots.length),
      index,
      kind: 'home',
      use: 'household',
      customer: `Household ${String(index + 1).padStart(width, '0')}`,
      tariffId: solarW > 0 ? townTariffs.solarHome : townTariffs.home,
      solar: null,
      solarW,
    };
  });
}

const customerTitles: Readonly<Record<PremisesUse, string>> = {
  household: 'Household',
  grocery: 'Grocery',
  office: 'Office',
  cafe: 'Cafe',
  workshop: 'Workshop',
  'street-lighting': 'Street lighting',
  school: 'School',
  'water-pump': 'Water pump',
  hall: 'Town hall',
};

function kindOf(use: PremisesUse): 'home' | 'shop' | 'public' {
  if (use === 'household') return 'home';
  return shopUses.some((shop) => shop === use) ? 'shop' : 'public';
}

function usagePointId(index: number, total: number): string {
  return `UP-${String(index + 1).padStart(Math.max(4, String(total).length), '0')}`;
}

function placeOn(plot: Plot, zone: string) {
  const { substation, feeder, transformer, latitude, longitude } = plot;
  return {
    substation,
    feeder,
    transformer,
    latitude,
    longitude,
    zone,
    address: `${plot.number} ${plot.street}`,
  };
}

/** Shares are met exactly, not on average: a town of 100 has 80 homes. */
function drawUses(total: number, random: Random): PremisesUse[] {
  const homes = Math.round(total * homeShare);
  const shops = Math.round(total * shopShare);
  const rest = Array.from({ length: total }, (_, index): PremisesUse => {
    if (index < homes) return 'household';
    if (index < homes + shops) return shopUses[index % shopUses.length] as ShopUse;
    return publicUses[(index - homes - shops) % publicUses.length] as PublicUse;
  });
  const uses = shuffle(rest, random);
  bringForward(uses, 0, 'household');
  bringForward(uses, 1, 'household');
  bringForward(uses, 2, 'grocery');
  return uses;
}

function bringForward(uses: PremisesUse[], place: number, use: PremisesUse): void {
  const from = uses.indexOf(use, place);
  if (from < 0) return;
  [uses[place], uses[from]] = [uses[from] as PremisesUse, uses[place] as PremisesUse];
}

function drawSolarHomes(uses: readonly PremisesUse[], random: Random): Set<number> {
  const homes = uses.flatMap((use, index) => (use === 'household' && index > 1 ? [index] : []));
  const all = uses.filter((use) => use === 'household').length;
  const others = shuffle(homes, random).slice(0, Math.max(0, Math.round(all * solarShare) - 1));
  return new Set(uses[1] === 'household' ? [1, ...others] : others);
}
