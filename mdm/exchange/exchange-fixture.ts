/** Shared samples by path, and what tests ask of a read: values by series and time, sums, codes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { quality } from '@wattline/model';
import type { ExchangeContext, ExchangeRead, ExchangeSeries, HeldSeries } from './exchange-format.ts';

/** A present after every sample. */
export const context: ExchangeContext = { nowMs: Date.UTC(2030, 0, 1) };

const shared = process.env.WATTLINE_SHARED ?? '../shared';

/** Why tests on shared samples are skipped, or false. */
export const noSamples = existsSync(join(shared, 'samples/mdms'))
  ? false
  : 'the shared samples are not there';
export const noData = existsSync(join(shared, 'data')) ? false : 'the shared data are not there';

/** The text of a shared file, unpacked when it is packed. */
export function sampleText(path: string): string {
  const octets = readFileSync(join(shared, path));
  return (path.endsWith('.gz') ? gunzipSync(octets) : octets).toString('utf8');
}

/** The files of a shared collection: path to text. */
export function sampleCollection(path: string): Record<string, string> {
  return JSON.parse(sampleText(path)) as Record<string, string>;
}

/** Every value of a read, those held too, by point, register, kind and start. */
export function valuesOf(read: ExchangeRead): Map<string, number> {
  const values = new Map<string, number>();
  for (const { source, blocks } of [...read.series, ...read.held]) {
    for (const { startMs, intervalSeconds, value, quality: flags } of blocks) {
      for (let i = 0; i < value.length; i++) {
        if (((flags[i] as number) & quality.missing) !== 0) continue;
        const { point, register, quantity } = source;
        const at = startMs + i * intervalSeconds * 1000;
        values.set(`${point} ${register} ${quantity.kind} ${at}`, value[i] as number);
      }
    }
  }
  return values;
}

/** The sum of a series' values. */
export function sumOf({ blocks }: ExchangeSeries | HeldSeries): number {
  return blocks.reduce((sum, { value }) => sum + value.reduce((a, b) => a + b, 0), 0);
}

/** `channel sum` of series, `! code point register sum` of held ones: a whole read at a glance. */
export function glanceOf(read: ExchangeRead): string[] {
  return [
    ...read.series.map((series) => `${series.channel} ${sumOf(series)}`),
    ...read.held.map((held) => {
      const { point, register, quantity } = held.source;
      const code = held.code.replace('mdm/exchange-', '');
      return `! ${code} ${point} ${register} ${quantity.kind} ${sumOf(held)}`;
    }),
  ];
}
