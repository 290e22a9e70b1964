/** The modelled load: each premises and local day has a random stream of its own, so that any day can be asked for alone. */
import type { Random } from '@wattline/base';
import { toWholeWh } from './day-power.ts';
import { homeLoad } from './home-load.ts';
import type { LoadSource } from './load-source.ts';
import { placeLoad } from './place-load.ts';
import type { Premises } from './premises.ts';
import type { Sky } from './sky.ts';
import { roofPower } from './solar-roof.ts';

/** Slots of the model: quarters of an hour. */
export const modelSlotMs = 900_000;

/** The load of `premises` under `sky`. */
export function modelledLoad(of: {
  readonly premises: readonly Premises[];
  readonly sky: Sky;
  readonly random: Random;
}): LoadSource {
  return {
    day(premisesIndex, day) {
      const premises = of.premises[premisesIndex] as Premises;
      const random = of.random.fork(`${premisesIndex}/${day.date}`);
      const sky = of.sky.over(day);
      const model = premises.use === 'household' ? homeLoad : placeLoad;
      const load = toWholeWh(model({ premises, day, sky, random }), day.slotMs);
      const solar = premises.solar ? toWholeWh(roofPower(premises.solar, day, sky), day.slotMs) : null;
      return { load, solar };
    },
    gaps: () => [],
  };
}
