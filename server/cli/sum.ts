/** `wattline sum`: totals, determinants, power figures, the balance of the grid, virtual meters. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface PeriodFlags extends ServerFlags {
  readonly from?: string;
  readonly to?: string;
  readonly readingType: string;
}

export function addSum(program: Command, shell: Shell): void {
  const sum = addNoun(
    program,
    'sum',
    'sums over intervals: totals, determinants, power, the grid, virtual meters',
  );
  addTotals(sum, shell);
  addPower(sum, shell);
  addBalance(sum, shell);
  addVirtual(sum, shell);
}

function withPeriod(command: Command): Command {
  return withServer(command)
    .option('--from <when>', 'instant or local date; default: a day before --to')
    .option('--to <when>', 'instant or local date; default: now');
}

function addTotals(sum: Command, shell: Shell): void {
  withPeriod(sum.command('totals <usage-point>'))
    .description('totals by local day or month, exact when clocks change')
    .addOption(new Option('--by <period>', 'period').choices(['day', 'month']).default('day'))
    .option('--reading-type <type>', 'reading type of intervals', 'delivered')
    .addHelpText('after', '\nExample:\n  wattline sum totals UP-0001 --from 2026-10-01 --to 2026-11-01')
    .action(async (usagePoint: string, flags: PeriodFlags & { by: string }) => {
      const { from, to, by, readingType } = flags;
      const totals = await findServer(flags).get<Totals>(`${pathOf(usagePoint)}/totals`, {
        from,
        to,
        by,
        readingType,
      });
      if (flags.json) printJson(shell, totals);
      else shell.out(renderTotals(totals));
    });
  withServer(sum.command('determinants <usage-point>'))
    .description('energy and maximum demand of a month by the rates of the point’s tariff')
    .requiredOption('--month <month>', 'local month as 2026-10')
    .option('--reading-type <type>', 'reading type of intervals', 'delivered')
    .addHelpText('after', '\nExample:\n  wattline sum determinants UP-0001 --month 2026-10')
    .action(async (usagePoint: string, flags: PeriodFlags & { month: string }) => {
      const { month, readingType } = flags;
      const path = `${pathOf(usagePoint)}/determinants`;
      const found = await findServer(flags).get<Determinants>(path, { month, readingType });
      if (flags.json) printJson(shell, found);
      else shell.out(renderDeterminants(found));
    });
}

function addPower(sum: Command, shell: Shell): void {
  withPeriod(sum.command('power <usage-point>'))
    .description('net and gross energy, power factor, load factor and maximum demand of a period')
    .option(
      '--demand <seconds>',
      'window of the maximum demand; default: an interval',
      wholeNumber(60, 86_400),
    )
    .addHelpText(
      'after',
      '\nExample:\n  wattline sum power UP-0001 --from 2026-10-01 --to 2026-11-01 --demand 1800',
    )
    .action(async (usagePoint: string, flags: PeriodFlags & { demand?: number }) => {
      const { from, to, demand } = flags;
      const demandSeconds = demand === undefined ? undefined : String(demand);
      const path = `${pathOf(usagePoint)}/power`;
      const figures = await findServer(flags).get<Power>(path, { from, to, demandSeconds });
      if (flags.json) printJson(shell, figures);
      else shell.out(renderPower(figures));
    });
}

function addBalance(sum: Command, shell: Shell): void {
  const levels = ['transformer', 'feeder', 'substation'];
  withPeriod(sum.command('balance'))
    .description('energy into each node of the grid against what its customers took, and what is lost')
    .addOption(new Option('--level <level>', 'level of the grid').choices(levels).default('feeder'))
    .addHelpText(
      'after',
      '\nExample:\n  wattline sum balance --level transformer --from 2026-11-19 --to 2026-11-20',
    )
    .action(async (flags: PeriodFlags & { level: string }) => {
      const { level, from, to } = flags;
      const balance = await findServer(flags).get<Balance>('grid/balance', { level, from, to });
      if (flags.json) printJson(shell, balance);
      else shell.out(renderBalance(balance));
    });
}

function addVirtual(sum: Command, shell: Shell): void {
  withPeriod(sum.command('virtual [name]'))
    .description('the readings of a virtual meter; without a name, which there are')
    .addHelpText('after', '\nExample:\n  wattline sum virtual street --from 2026-11-19 --to 2026-11-20')
    .action(async (name: string | undefined, flags: PeriodFlags) => {
      const server = findServer(flags);
      if (name === undefined) {
        const list = await server.get<{ items: VirtualMeter[] }>('virtual-meters');
        if (flags.json) printJson(shell, list);
        else shell.out(renderMeters(list.items));
        return;
      }
      const { from, to } = flags;
      const path = `virtual-meters/${encodeURIComponent(name)}/readings`;
      const readings = await server.get<VirtualReadings>(path, { from, to });
      if (flags.json) printJson(shell, readings);
      else shell.out(renderReadings(readings));
    });
  withServer(sum.command('define <name> <kind> <terms...>'))
    .description(
      'define a virtual meter: linear adds channels, -channel takes one away; ratio divides the first by the second',
    )
    .requiredOption('--author <name>', 'who says it')
    .requiredOption('--reason <reason>', 'why')
    .addHelpText(
      'after',
      `
A term is a channel with its share before it: 3*UP-0001/delivered, 1/2*UP-0001/delivered; alone it counts once.

Examples:
  wattline sum define street linear UP-0001/delivered UP-0002/delivered --author Asha --reason "street light cabinet"
  wattline sum define rest linear UP-0001/delivered --author Asha --reason test -- -1*UP-0002/delivered
  wattline sum define share ratio UP-0002/delivered UP-0001/delivered --author Asha --reason "shop of the mall"`,
    )
    .action(async (id: string, kind: string, texts: string[], flags: SaidFlags) => {
      const { author, reason } = flags;
      const meter = { id, kind, terms: texts.map(termOf), author, reason };
      const answer = await findServer(flags).post<VirtualMeter>('virtual-meters', {}, jsonBody(meter));
      if (flags.json) printJson(shell, answer);
      else shell.out(renderMeters([answer]));
    });
  withServer(sum.command('end <name>'))
    .description('end a virtual meter; the audit keeps what it was')
    .requiredOption('--author <name>', 'who says it')
    .requiredOption('--reason <reason>', 'why')
    .addHelpText('after', '\nExample:\n  wattline sum end street --author Asha --reason "cabinet taken down"')
    .action(async (id: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `virtual-meters/${encodeURIComponent(id)}/end`;
      const answer = await findServer(flags).post<{ id: string }>(path, {}, jsonBody({ author, reason }));
      if (flags.json) printJson(shell, answer);
      else shell.out(`${id} has ended`);
    });
}

interface SaidFlags extends ServerFlags {
  readonly author: string;
  readonly reason: string;
}
interface Term {
  readonly channel: string;
  readonly numerator: number;
  readonly denominator: number;
}
interface VirtualMeter {
  readonly id: string;
  readonly kind: string;
  readonly terms: readonly Term[];
}
interface VirtualReadings {
  readonly id: string;
  readonly kind: string;
  readonly start: string;
  readonly intervalSeconds: number;
  readonly value: readonly (number | string | null)[];
}
interface Totals {
  readonly channel: string;
  readonly unit: string;
  readonly items: readonly {
    readonly start: string;
    readonly value: number;
    readonly expected: number;
    readonly held: number;
    readonly derived: number;
  }[];
}
interface Determinants {
  readonly channel: string;
  readonly rates: readonly {
    readonly rate: number;
    readonly energy: number;
    readonly maximumDemand: number;
  }[];
  readonly energy: number;
  readonly maximumDemand: number;
  readonly loadFactor: number | null;
  readonly expected: number;
  readonly held: number;
  readonly derived: number;
}
interface Power {
  readonly deliveredWh: number;
  readonly receivedWh: number;
  readonly netWh: number;
  readonly importedWh: number;
  readonly exportedWh: number;
  readonly reactiveVarh: number | null;
  readonly powerFactor: number | null;
  readonly loadFactor: number | null;
  readonly maximumDemand: { readonly watts: number; readonly start: string } | null;
  readonly slots: number;
  readonly missing: number;
}
interface Balance {
  readonly level: string;
  readonly items: readonly {
    readonly node: string;
    readonly supplied: number | null;
    readonly delivered: number;
    readonly received: number;
    readonly loss: number | null;
    readonly derived: number;
    readonly held: number;
  }[];
}

function pathOf(usagePoint: string): string {
  return `usage-points/${encodeURIComponent(usagePoint)}`;
}

/** A channel with the share of it that counts before it. */
function termOf(text: string): Term {
  const match = /^(?:(-?\d{1,9})(?:\/(\d{1,9}))?\*)?([^*]+)$/.exec(text);
  if (!match)
    throw new InvalidArgumentError(
      `expected a term as UP-0001/delivered or -1*UP-0001/delivered, found '${text}'`,
    );
  return {
    channel: match[3] ?? '',
    numerator: Number(match[1] ?? '1'),
    denominator: Number(match[2] ?? '1'),
  };
}

function renderTotals({ channel, unit, items }: Totals): string {
  const rows = items.map(({ start, value, expected, held, derived }) => [
    start,
    String(value),
    `${held} of ${expected}`,
    String(derived),
  ]);
  return `${channel}\n\n${renderTable(['from', unit, 'intervals', 'of these derived'], rows)}`;
}

function renderDeterminants({
  channel,
  rates,
  energy,
  maximumDemand,
  loadFactor,
  expected,
  held,
  derived,
}: Determinants) {
  const rows = rates.map((one) => [String(one.rate), String(one.energy), String(one.maximumDemand)]);
  return [
    `${channel}: ${energy} Wh, maximum demand ${maximumDemand} W, load factor ${shown(loadFactor)}`,
    `${held} of ${expected} intervals have a value, ${derived} of them estimated or edited`,
    '',
    renderTable(['rate', 'energy Wh', 'maximum demand W'], rows),
  ].join('\n');
}

function renderPower(figures: Power): string {
  const { maximumDemand: demand } = figures;
  const rows = [
    ['delivered', `${figures.deliveredWh} Wh`],
    ['received', `${figures.receivedWh} Wh`],
    ['net', `${figures.netWh} Wh`],
    ['taken, net by interval', `${figures.importedWh} Wh`],
    ['given, net by interval', `${figures.exportedWh} Wh`],
    ['reactive', figures.reactiveVarh === null ? 'not measured' : `${figures.reactiveVarh} varh`],
    ['power factor', shown(figures.powerFactor)],
    ['load factor', shown(figures.loadFactor)],
    ['maximum demand', demand ? `${demand.watts} W from ${demand.start}` : 'none'],
    ['intervals without a value', `${figures.missing} of ${figures.slots}`],
  ];
  return renderTable(['figure', 'value'], rows);
}

function shown(figure: number | null): string {
  return figure === null ? 'unknown' : figure.toFixed(3);
}

function renderBalance({ level, items }: Balance): string {
  const rows = items.map(({ node, supplied, delivered, received, loss, held, derived }) => [
    node,
    supplied === null ? '' : String(supplied),
    String(delivered),
    String(received),
    loss === null ? '' : String(loss),
    loss === null || supplied === null || supplied === 0 ? '' : `${((loss / supplied) * 100).toFixed(2)} %`,
    `${held}, ${derived} derived`,
  ]);
  return renderTable(
    [level, 'supplied Wh', 'delivered Wh', 'received Wh', 'loss Wh', 'loss', 'intervals'],
    rows,
  );
}

function renderMeters(items: readonly VirtualMeter[]): string {
  if (items.length === 0) return 'There are no virtual meters.';
  const rows = items.map(({ id, kind, terms }) => [
    id,
    kind,
    terms
      .map(
        ({ channel, numerator, denominator }) =>
          `${numerator}${denominator === 1 ? '' : `/${denominator}`}*${channel}`,
      )
      .join(' '),
  ]);
  return renderTable(['name', 'kind', 'terms'], rows);
}

function renderReadings({ id, kind, start, intervalSeconds, value }: VirtualReadings): string {
  const startMs = Temporal.Instant.from(start).epochMilliseconds;
  const rows = value.map((one, slot) => [
    Temporal.Instant.fromEpochMilliseconds(startMs + slot * intervalSeconds * 1000).toString(),
    one === null ? 'missing' : String(one),
  ]);
  return `${id}\n\n${renderTable(['from', kind === 'ratio' ? 'millionths' : 'value'], rows)}`;
}
