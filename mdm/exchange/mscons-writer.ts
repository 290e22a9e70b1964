/** Writes MSCONS D04B 2.2e: a message per channel, a quantity with its start and end per value, registers with the instant they stood at. */
import { quality, type ReadingBlock, type ReadingType } from '@wattline/model';
import { kiloText } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { compactText } from './time-label.ts';

/** Message type and version as UNH and the profile of the message spell them. */
const version = 'MSCONS:D:04B:UN:2.2e';
/** Agency of the identifiers in NAD, as the Swiss and German profiles give it. */
const agency = '293';
const minuteMs = 60_000;

/** The interchange; times are UTC (format 303, offset +00). A slot that is missing has no quantity. */
export function writeMscons(series: readonly WrittenSeries[], context: WriteContext): string {
  const created = compactText(context.createdMs, 0, 12);
  const reference = `W${context.createdMs.toString(36).toUpperCase()}`;
  const sender = released(context.sender ?? 'WATTLINE');
  const receiver = released(context.receiver ?? '');
  const messages = series.map((one, i) =>
    messageOf(one, { reference: `${reference}${i + 1}`, created, sender, receiver }),
  );
  const head = `UNB+UNOC:3+${sender}:500+${receiver}:500+${created.slice(2, 8)}:${created.slice(8)}+${reference}`;
  const segments = [head, ...messages.flat(), `UNZ+${messages.length}+${reference}`];
  return `UNA:+.? '${segments.map((segment) => `${segment}'\n`).join('')}`;
}

interface Envelope {
  readonly reference: string;
  readonly created: string;
  readonly sender: string;
  readonly receiver: string;
}

function messageOf(
  { channel, meter, blocks }: WrittenSeries,
  { reference, created, sender, receiver }: Envelope,
): string[] {
  const parts = channelParts(channel);
  const obis = parts && obisOf(parts.type);
  if (!parts || !obis) throw cannotWrite('only active and reactive energy by direction', { channel });
  const body = [
    `UNH+${reference}+${version}`,
    `BGM+7+${reference}+9`,
    `DTM+137:${created}?+00:303`,
    `NAD+MS+${sender}::${agency}`,
    `NAD+MR+${receiver}::${agency}`,
    'UNS+D',
    'NAD+DP',
    `LOC+172+${released(parts.point)}`,
    ...(meter === undefined ? [] : [`RFF+MG:${released(meter)}`]),
    'LIN+1',
    `PIA+5+${released(obis)}:SRW`,
    ...blocks.flatMap(quantitiesOf),
  ];
  return [...body, `UNT+${body.length + 1}+${reference}`];
}

/** `1-0:1.29.0` of a reading type that the reader gives back as itself; undefined for the others. */
function obisOf({ id, unit, direction, obis }: ReadingType): string | undefined {
  if (direction === 'none' || id === 'check' || (unit !== 'Wh' && unit !== 'varh')) return undefined;
  const [a, b, c, d, e] = obis.split('.');
  return `${a}-${b}:${c}.${d}.${e}`;
}

function quantitiesOf({ channel, startMs, intervalSeconds, value, quality: flags }: ReadingBlock): string[] {
  if (startMs % minuteMs !== 0 || intervalSeconds % 60 !== 0) {
    throw cannotWrite(`an interval of ${intervalSeconds} s from ${startMs} ms`, { channel });
  }
  const segments: string[] = [];
  for (let i = 0; i < value.length; i++) {
    const bits = flags[i] as number;
    if ((bits & quality.missing) !== 0) continue;
    const at = startMs + i * intervalSeconds * 1000;
    segments.push(`QTY+${qualifierOf(bits)}:${kiloText(value[i] as number)}`);
    if (intervalSeconds === 0) segments.push(`DTM+9:${stamp(at)}`);
    else segments.push(`DTM+163:${stamp(at)}`, `DTM+164:${stamp(at + intervalSeconds * 1000)}`);
  }
  return segments;
}

function stamp(atMs: number): string {
  return `${compactText(atMs, 0, 12)}?+00:303`;
}

/** 67 is a substitute, whoever made it; Z18 a value that may change. */
function qualifierOf(bits: number): string {
  if ((bits & (quality.estimated | quality.edited)) !== 0) return '67';
  return (bits & quality.suspect) !== 0 ? 'Z18' : '220';
}

/** Text with the release character before each sign of the syntax (ISO 9735, 5.1). */
function released(text: string): string {
  return text.replace(/[:+?']/g, (sign) => `?${sign}`);
}
