/**
 * Rating: determinants out of readings, lines out of determinants, pure and in integers.
 * Tiers count per rate and billing month and are not prorated, also in a month that began or will end within the bill.
 */
import { formatDecimal, formatInstant, localDays } from '@wattline/base';
import type { Bill, BillLine, Determinant, Tariff, Tier } from '@wattline/model';
import { type DaySum, sumByDay, totalOf } from './day-sums.ts';
import { digestInputs } from './inputs-digest.ts';
import { amountOf, exactDecimal, kilowattHours, lineRounding, percentOf } from './money.ts';
import { rateSegments } from './rate-segments.ts';
import type { RatingInputs } from './rating-inputs.ts';

/** Computes a bill. The same inputs give the same bill to the last byte. */
export function rateBill(inputs: RatingInputs): Bill {
  const { tariff, period } = inputs;
  const segments = rateSegments(tariff, period);
  const delivered = sumByDay(inputs.delivered, segments);
  const received =
    inputs.received && tariff.received.scheme !== 'none' ? sumByDay(inputs.received, segments) : null;
  const ground: Ground = { inputs, delivered, received };
  const determinants = determinantsOf(ground);
  const charges = [standingLine(ground), ...energyLines(ground), ...creditLines(ground)];
  const lines = [...charges, taxLine(tariff, sumAmounts(charges))];
  return {
    id: billId(inputs),
    usagePointId: inputs.usagePointId,
    version: inputs.version,
    state: inputs.state,
    month: inputs.month,
    zone: tariff.zone,
    start: formatInstant(period.startMs),
    end: formatInstant(period.endMs),
    currency: tariff.currency,
    minorDigits: tariff.minorDigits,
    tariff: { id: tariff.id, version: tariff.version, name: tariff.name },
    determinants,
    lines,
    total: sumAmounts(lines).toString(),
    registerCheck: checkRegisters(inputs.registers, BigInt(totalOf(delivered).wh)),
    asOf: formatInstant(inputs.asOfMs),
    inputsDigest: digestInputs(inputs),
  };
}

/** The id of a bill version: `B-UP-0001-2026-10-v1`. */
export function billId(bill: Pick<Bill, 'usagePointId' | 'month' | 'version'>): string {
  return `B-${bill.usagePointId}-${bill.month}-v${bill.version}`;
}

interface Ground {
  readonly inputs: RatingInputs;
  readonly delivered: readonly DaySum[];
  readonly received: readonly DaySum[] | null;
}

function determinantsOf({ inputs, delivered, received }: Ground): Determinant[] {
  const { rates, received: terms } = inputs.tariff;
  const channel = inputs.delivered.channel;
  const determinants: Determinant[] = [
    {
      id: 'days',
      title: 'Days',
      quantity: String(standingDays(inputs)),
      unit: 'day',
      channel: null,
      rate: null,
      intervals: 0,
      estimated: 0,
      missing: 0,
    },
    ...rates.map(({ rate, name }) =>
      energyDeterminant(`delivered-${rate}`, `Delivered, ${name}`, {
        channel,
        rate,
        sums: ofRate(delivered, rate),
      }),
    ),
  ];
  if (received && inputs.received) {
    const { channel } = inputs.received;
    if (terms.scheme === 'export-credit') {
      determinants.push(energyDeterminant('received', 'Received', { channel, rate: null, sums: received }));
    } else {
      for (const { rate, name } of rates) {
        const sums = ofRate(received, rate);
        determinants.push(
          energyDeterminant(`received-${rate}`, `Received, ${name}`, { channel, rate, sums }),
        );
      }
    }
  }
  return determinants;
}

function energyDeterminant(
  id: string,
  title: string,
  source: { readonly channel: string; readonly rate: number | null; readonly sums: readonly DaySum[] },
): Determinant {
  const { wh, intervals, estimated, missing } = totalOf(source.sums);
  const { channel, rate } = source;
  return {
    id,
    title,
    quantity: kwhText(BigInt(wh)),
    unit: 'kWh',
    channel,
    rate,
    intervals,
    estimated,
    missing,
  };
}

/** Local days that the period touches; the running day of a projection counts, its standing charge is due. */
function standingDays({ period, tariff, state }: RatingInputs): number {
  const endMs = state === 'projection' ? period.endMs + 1 : period.endMs;
  return localDays({ startMs: period.startMs, endMs }, tariff.zone).length;
}

function standingLine({ inputs }: Ground): BillLine {
  const { standingPerDay, minorDigits } = inputs.tariff;
  const days = standingDays(inputs);
  return {
    id: 'standing',
    title: 'Standing charge',
    kind: 'standing',
    determinantId: 'days',
    quantity: String(days),
    unit: 'day',
    price: standingPerDay,
    amount: amountOf(
      { digits: BigInt(days), decimals: 0 },
      exactDecimal(standingPerDay),
      minorDigits,
    ).toString(),
    rounding: lineRounding,
  };
}

function energyLines(ground: Ground): BillLine[] {
  const { tariff } = ground.inputs;
  return tariff.rates.flatMap(({ rate, name, tiers }) => {
    const wh = BigInt(totalOf(ofRate(ground.delivered, rate)).wh) - offsetOf(ground, rate);
    return tierParts(tiers, wh).map((part) =>
      energyLine({
        id: `energy-${rate}-${part.number}`,
        title: tiers.length === 1 ? name : `${name}, ${part.title}`,
        kind: 'energy',
        determinantId: `delivered-${rate}`,
        wh: part.wh,
        price: part.tier.pricePerKwh,
        minorDigits: tariff.minorDigits,
      }),
    );
  });
}

function creditLines(ground: Ground): BillLine[] {
  const { inputs, received } = ground;
  if (!received) return [];
  const { scheme, receivedPerKwh } = inputs.tariff.received;
  const credit = (id: string, title: string, determinantId: string, wh: bigint): BillLine[] =>
    wh === 0n
      ? []
      : [
          energyLine({
            id,
            title,
            kind: 'credit',
            determinantId,
            wh,
            price: receivedPerKwh,
            minorDigits: inputs.tariff.minorDigits,
          }),
        ];
  if (scheme === 'export-credit') {
    return credit('credit', 'Energy sent to the grid', 'received', BigInt(totalOf(received).wh));
  }
  return inputs.tariff.rates.flatMap(({ rate, name }) => {
    const surplus = BigInt(totalOf(ofRate(received, rate)).wh) - offsetOf(ground, rate);
    return credit(`credit-${rate}`, `Surplus sent to the grid, ${name}`, `received-${rate}`, surplus);
  });
}

/** Net metering: received energy that offsets delivered energy of the same rate within the month, Wh. */
function offsetOf({ inputs, delivered, received }: Ground, rate: number): bigint {
  if (!received || inputs.tariff.received.scheme !== 'net') return 0n;
  return BigInt(Math.min(totalOf(ofRate(delivered, rate)).wh, totalOf(ofRate(received, rate)).wh));
}

function energyLine(line: {
  readonly id: string;
  readonly title: string;
  readonly kind: 'energy' | 'credit';
  readonly determinantId: string;
  readonly wh: bigint;
  readonly price: string;
  readonly minorDigits: number;
}): BillLine {
  const { id, title, kind, determinantId, wh, price, minorDigits } = line;
  const amount = amountOf(kilowattHours(wh), exactDecimal(price), minorDigits);
  const signed = kind === 'credit' ? -amount : amount;
  const unit = 'kWh';
  return {
    id,
    title,
    kind,
    determinantId,
    quantity: kwhText(wh),
    unit,
    price,
    amount: `${signed}`,
    rounding: lineRounding,
  };
}

function taxLine(tariff: Tariff, base: bigint): BillLine {
  return {
    id: 'tax',
    title: tariff.taxName,
    kind: 'tax',
    determinantId: null,
    quantity: tariff.taxPercent,
    unit: 'percent',
    price: formatDecimal(base, tariff.minorDigits),
    amount: percentOf(base, exactDecimal(tariff.taxPercent)).toString(),
    rounding: lineRounding,
  };
}

interface TierPart {
  readonly number: number;
  readonly title: string;
  readonly tier: Tier;
  readonly wh: bigint;
}

/** Energy of a month cut at the thresholds; the first part stands even when empty, later ones when reached. */
function tierParts(tiers: readonly Tier[], wh: bigint): TierPart[] {
  let lower = 0n;
  let lowerText = '0';
  return tiers.flatMap((tier, index) => {
    const from = lowerText;
    const upper = tier.uptoKwh === null ? null : thresholdWh(tier.uptoKwh);
    const top = upper === null || wh < upper ? wh : upper;
    const part = top > lower ? top - lower : 0n;
    lower = upper ?? lower;
    lowerText = tier.uptoKwh ?? lowerText;
    if (part === 0n && index > 0) return [];
    const title = tier.uptoKwh === null ? `above ${from} kWh` : `${from} to ${tier.uptoKwh} kWh`;
    return [{ number: index + 1, title, tier, wh: part }];
  });
}

function thresholdWh(kwh: string): bigint {
  const { digits, decimals } = exactDecimal(kwh);
  return digits * 10n ** BigInt(3 - decimals);
}

/** What the register counted against the intervals, to the last Wh. */
function checkRegisters(
  { start, end, counted }: RatingInputs['registers'],
  intervalsWh: bigint,
): Bill['registerCheck'] {
  const advance = start === null || end === null ? null : BigInt(counted ?? end - start);
  const difference = advance === null ? null : advance - intervalsWh;
  return {
    start: start === null ? null : kwhText(BigInt(start)),
    end: end === null ? null : kwhText(BigInt(end)),
    ...(counted === undefined ? {} : { counted: kwhText(BigInt(counted)) }),
    difference: difference === null ? null : kwhText(difference),
    intervals: kwhText(intervalsWh),
    agrees: difference === null ? null : difference === 0n,
  };
}

function ofRate(sums: readonly DaySum[], rate: number): DaySum[] {
  return sums.filter((sum) => sum.rate === rate);
}

function sumAmounts(lines: readonly BillLine[]): bigint {
  return lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
}

function kwhText(wh: bigint): string {
  return formatDecimal(wh, 3);
}
