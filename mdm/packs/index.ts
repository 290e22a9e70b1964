/** The rule packs. To add one, add a row; a threshold nobody has read stays `recalled` or `local`. */
import type { Certainty, PackSetting, PackThreshold, RulePack } from './rule-pack.ts';

const threshold = (
  setting: PackSetting,
  value: PackThreshold['value'],
  certainty: Certainty,
  source: string,
): PackThreshold => ({ setting, value, certainty, source });

const australianVoltage =
  'AS 60038:2000, 230 V +10 % -6 %: Halliday and Urquhart, Voltage and Equipment Standards';
const britishVoltage =
  'Electricity Supply (Amendment) (No. 2) Regulations 1994, SI 1994/3021: 230 V, ten per cent above to six below';
const indianVoltage =
  'National Electrical Code of India: 6 % at low voltage; state commissions may declare their own (Prayas, watchyourpower.org)';
const ontarioWholesale =
  'IESO, Revenue Metering workbook, July 2012, of wholesale meters; the distributors choose theirs in their VEE service';

export const rulePacks: readonly RulePack[] = [
  {
    id: 'generic',
    title: 'Wattline',
    code: 'Common practice; thresholds tried on the data of docs/reference/estimation-accuracy.md',
    thresholds: [],
  },
  {
    id: 'california',
    title: 'California',
    code: 'CPUC, Direct Access Standards for Metering and Meter Data (DASMMD), VEE rules',
    thresholds: [
      threshold(
        'thirdPeakPercent',
        180,
        'recalled',
        'spike check: (highest - third highest) / third highest above 180 %',
      ),
      threshold('thirdPeakFloorW', 0, 'recalled', 'the spike check has no floor'),
      threshold('linearLongestSeconds', 7200, 'recalled', 'linear interpolation up to two hours'),
      threshold('likeDayWeeks', 4, 'recalled', 'average of like days of the last weeks'),
      threshold('sumToleranceWh', 0, 'local', 'sum check allows one unit of the meter times its multiplier'),
      threshold('leastPowerFactor', 0.4, 'local', 'kvarh check'),
    ],
  },
  {
    id: 'aemo',
    title: 'Australia (NEM)',
    code: 'AEMO, Metrology Procedure Part B: validation, substitution and estimation',
    thresholds: [
      threshold(
        'linearLongestSeconds',
        7200,
        'recalled',
        'substitution type 17: linear interpolation up to two hours',
      ),
      threshold(
        'likeDayWeeks',
        4,
        'recalled',
        'substitution type 15: average like day of the last four weeks',
      ),
      threshold('sumToleranceWh', 1000, 'recalled', 'interval and accumulated energy agree within 1 kWh'),
      threshold('spikeFactor', 5, 'local', 'maximum value check: the limit is the data provider’s'),
      threshold('nominalVoltageV', 230, 'read', australianVoltage),
      threshold('voltageAbovePercent', 10, 'read', australianVoltage),
      threshold('voltageBelowPercent', 6, 'read', australianVoltage),
    ],
  },
  {
    id: 'ontario',
    title: 'Ontario',
    code: 'IESO, MDM/R VEE standard for the smart metering entity',
    thresholds: [
      threshold('linearLongestSeconds', 3600, 'read', `point-to-point up to one hour: ${ontarioWholesale}`),
      threshold('likeDayWeeks', 3, 'read', `the same day of the last three weeks: ${ontarioWholesale}`),
      threshold('sumToleranceWh', 1000, 'local', 'sum check tolerance is of the VEE service chosen'),
      threshold('nominalVoltageV', 240, 'read', 'CSA C235, split phase 120/240 V: review of it by tnlab.org'),
      threshold('voltageAbovePercent', 6, 'recalled', 'CSA C235, extreme operating conditions: 127/254 V'),
      threshold('voltageBelowPercent', 12, 'recalled', 'CSA C235, extreme operating conditions: 106/212 V'),
    ],
  },
  {
    id: 'texas',
    title: 'Texas (ERCOT)',
    code: 'PUCT 25.130 and ERCOT protocols; the TDSPs’ VEE as agreed for the Smart Meter Texas portal',
    thresholds: [
      threshold('linearLongestSeconds', 7200, 'recalled', 'linear interpolation up to two hours'),
      threshold(
        'likeDayWeeks',
        4,
        'local',
        'each TDSP its own way: two weeks of like days, three like days, ERCOT’s profile (TDSP AMS Data Practices Matrix, 2016)',
      ),
      threshold('highDayFactor', 5, 'local', 'high and low usage checks are of the TDSP'),
      threshold('nominalVoltageV', 240, 'recalled', 'ANSI C84.1, split phase 120/240 V'),
      threshold('voltageAbovePercent', 6, 'recalled', 'ANSI C84.1 range B, service voltage: 127/254 V'),
      threshold('voltageBelowPercent', 8.4, 'recalled', 'ANSI C84.1 range B, service voltage: 110/220 V'),
    ],
  },
  {
    id: 'uk',
    title: 'Great Britain',
    code: 'BSCP502, half-hourly data collection: validation and estimation',
    thresholds: [
      threshold('linearLongestSeconds', 3600, 'local', 'two half-hours; longer gaps go to like days'),
      threshold(
        'likeDayWeeks',
        4,
        'read',
        'same day of week and times, up to a month before or after: BSCP502 4.2.1 (c), (d), as Elexon’s CP0759 tells them',
      ),
      threshold(
        'serviceLimitW',
        23_000,
        'recalled',
        'a 100 A cut-out at 230 V; larger services set their own',
      ),
      threshold('nominalVoltageV', 230, 'read', britishVoltage),
      threshold('voltageAbovePercent', 10, 'read', britishVoltage),
      threshold('voltageBelowPercent', 6, 'read', britishVoltage),
    ],
  },
  {
    id: 'india',
    title: 'India',
    code: 'CEA metering regulations and IS 16444 / IS 15959 meters under the RDSS bidding document',
    thresholds: [
      threshold('linearLongestSeconds', 3600, 'local', 'two half-hours'),
      threshold('nominalVoltageV', 240, 'read', 'IS 12360:1988, as the foreword of IS 8448 says'),
      threshold('voltageAbovePercent', 6, 'read', indianVoltage),
      threshold('voltageBelowPercent', 6, 'read', indianVoltage),
      threshold(
        'currentFloorA',
        0.2,
        'local',
        'current without energy is the first sign of a bypassed meter',
      ),
      threshold('frozenHours', 24, 'local', 'pumps run flat for a shift'),
      threshold('likeDayWeeks', 3, 'local', 'seasons turn fast: three weeks'),
    ],
  },
];

/** The pack of an id, or undefined. */
export function rulePackOf(id: string): RulePack | undefined {
  return rulePacks.find((pack) => pack.id === id);
}

export { policyOf, type RulePack } from './rule-pack.ts';
