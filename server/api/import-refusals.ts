/** What an import refuses: counted by code, told by row, and kept in the quarantine until somebody decides. */
import type { Failure } from '@wattline/base';
import { type Aside, noSource, sourceOfChannel } from '@wattline/mdm';
import { channelIdOf, type ReadingBlock } from '@wattline/model';
import { type ServerErrorCode, serverErrors } from '../errors.ts';
import type { ApiContext } from './context.ts';
import type { ImportedLine } from './import-blocks.ts';
import { type ColumnIndex, type importColumns, readType, readValue } from './import-rows.ts';

export interface RefusalCount {
  readonly code: string;
  readonly message: string;
  readonly count: number;
  readonly firstLine: number | null;
}

/** A refused row that said a value: what waits of it. */
interface RefusedValue {
  readonly channel: string;
  readonly code: string;
  readonly message: string;
  readonly block: ReadingBlock;
}

/** Refused values that wait in the quarantine for one file; those beyond are only counted. */
const mostRefusedValues = 100_000;
/** Refused rows told one by one; all are counted. */
const mostRowsTold = 100;

/** Counts what is refused, by code. */
export class Refusals {
  readonly byCode = new Map<string, { message: string; count: number; firstLine: number | null }>();
  readonly rows: { line: number; code: string; message: string }[] = [];
  /** What waits of them. */
  readonly values: RefusedValue[] = [];
  total = 0;

  value(refused: RefusedValue): void {
    if (this.values.length < mostRefusedValues) this.values.push(refused);
  }

  row(line: number, { code, message }: Pick<Failure, 'code' | 'message'>): void {
    if (this.rows.length < mostRowsTold) this.rows.push({ line, code, message });
    this.count({ code, message: serverErrors[code as ServerErrorCode]?.meaning ?? message, count: 1, line });
  }

  count(refusal: { code: string; message: string; count: number; line: number | null }): void {
    const known = this.byCode.get(refusal.code);
    this.total += refusal.count;
    if (known) known.count += refusal.count;
    else {
      const { code, message, count, line } = refusal;
      this.byCode.set(code, { message, count, firstLine: line });
    }
  }

  errors(): RefusalCount[] {
    return [...this.byCode]
      .map(([code, refusal]) => ({ code, ...refusal }))
      .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  }
}

/** The value of a row whose usage point or channel nobody knows yet, where it says when and how much beyond doubt. */
export function placelessValue(
  cells: readonly string[],
  columns: ColumnIndex,
  { code, message }: Failure,
): RefusedValue | null {
  if (code !== 'server/unknown-usage-point' && code !== 'server/unknown-channel') return null;
  const cell = (name: (typeof importColumns)[number]) => cells[columns[name] ?? -1];
  const type = readType(cell('reading_type') ?? '');
  // Where the point is not known its zone is not either: a local time says nothing.
  const start = cell('start') ?? '';
  const value = readValue({ start, value: cell('value') ?? '', quality: cell('quality') }, 'UTC');
  if (!type.ok || !value.ok || !/(Z|[+-]\d{2}:\d{2})$/i.test(start)) return null;
  const channel = channelIdOf(cell('usage_point') ?? '', type.value.id);
  // Nobody has said how long its intervals are: it waits for a person.
  return { channel, code, message, block: blockOf(channel, 0, value.value) };
}

export function blockOf(
  channel: string,
  intervalSeconds: number,
  { startMs, value, quality }: Omit<ImportedLine, 'line'>,
): ReadingBlock {
  return {
    channel,
    startMs,
    intervalSeconds,
    value: Float64Array.of(value),
    quality: Uint16Array.of(quality),
  };
}

/** Puts what was refused into the quarantine: values by channel and reason, and word of rows that say none. */
export async function keepRefusals(
  system: ApiContext['system'],
  refusals: Refusals,
  name: string,
): Promise<number[]> {
  const asides: Aside[] = [];
  const groups = Map.groupBy(refusals.values, ({ channel, code }) => `${code} ${channel}`);
  for (const group of groups.values()) {
    const { channel, code, message } = group[0] as RefusedValue;
    const source = sourceOfChannel(channel);
    if (source) asides.push({ source, code, message, blocks: group.map(({ block }) => block) });
  }
  const kept = new Map<string, number>();
  for (const { code, block } of refusals.values) kept.set(code, (kept.get(code) ?? 0) + block.value.length);
  for (const { code, count, firstLine, message } of refusals.errors()) {
    const lost = count - (kept.get(code) ?? 0);
    if (lost <= 0) continue;
    const at = firstLine === null ? '' : `, first in line ${firstLine}`;
    asides.push({ source: noSource, code, message: `${lost} rows${at}: ${message}`, blocks: [] });
  }
  const origin = { name, format: 'readings', receivedMs: system.clock.now() };
  return system.mdm.exchange.setAside(origin, asides);
}
