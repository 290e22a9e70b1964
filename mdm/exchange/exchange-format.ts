/** The one interface of interchange formats: text in, columns of readings and coded problems out; and back. */
import { CodedError, type Where } from '@wattline/base';
import type { ChannelId, ReadingBlock } from '@wattline/model';
import { type ExchangeProblemCode, exchangeProblems } from './exchange-problems.ts';

/** What a series measures. Values are integers of `10^scale` unit; energy is in Wh, varh or VAh with scale 0. */
export interface Quantity {
  readonly kind: 'interval' | 'register';
  readonly direction: 'delivered' | 'received' | 'none';
  /** Unit as CIM spells it, or as the file spells it when there is no such (`CF`, `therm`). */
  readonly unit: string;
  readonly scale: number;
  /** Tariff rate, 0 for the total. */
  readonly rate: number;
}

/** Where the file says a series comes from. */
export interface SeriesSource {
  /** Metering point, NMI, usage point, as in the file; `''` when it names none. */
  readonly point: string;
  /** Register or channel of the point as the file names it: NMI suffix, OBIS code, reading type; `''` when it names none. */
  readonly register: string;
  /** Serial number of the meter, or null when the file does not say. */
  readonly meter: string | null;
  readonly quantity: Quantity;
}

/** The quality code (with reason) that the file gave to a stretch of values, kept as it came. */
export interface QualityNote {
  readonly startMs: number;
  readonly endMs: number;
  readonly code: string;
}

/** One series of a file that has its channel. */
export interface ExchangeSeries {
  readonly source: SeriesSource;
  readonly channel: ChannelId;
  readonly blocks: readonly ReadingBlock[];
  readonly notes: readonly QualityNote[];
}

/** One series set aside with its reason; its blocks carry `''` as channel until {@link releaseSeries} gives them one. */
export interface HeldSeries {
  readonly source: SeriesSource;
  readonly code: ExchangeProblemCode;
  readonly message: string;
  readonly blocks: readonly ReadingBlock[];
  readonly notes: readonly QualityNote[];
}

/** Something wrong, and where: line, segment, element. */
export interface ExchangeProblem {
  readonly code: ExchangeProblemCode;
  readonly message: string;
  readonly where: Where;
}

/** Counts of values over the whole file. */
export interface ExchangeCounts {
  /** Values with a channel, slots said to be missing not counted. */
  readonly accepted: number;
  readonly held: number;
  /** Slots that the file itself says are missing. */
  readonly missing: number;
  /** Values dropped, each with a problem of outcome `rejected`. */
  readonly rejected: number;
  /** Values said twice alike within the file. */
  readonly duplicates: number;
}

/** What was read of a file. Reading never throws: what cannot be read is a problem. */
export interface ExchangeRead {
  readonly format: string;
  /** SHA-256 of the text, hexadecimal: the same file delivered again has the same. */
  readonly contentId: string;
  /** Derived from channels, times, values and qualities alone: the same readings in a new envelope have the same. */
  readonly batchId: string;
  readonly series: readonly ExchangeSeries[];
  readonly held: readonly HeldSeries[];
  /** Why the whole file is refused, or null. */
  readonly refused: ExchangeProblem | null;
  /** The first problems in file order, at most `mostProblems`. */
  readonly problems: readonly ExchangeProblem[];
  /** How often each problem was met, those beyond the list included. */
  readonly problemCounts: Readonly<Partial<Record<ExchangeProblemCode, number>>>;
  readonly counts: ExchangeCounts;
}

/** What a reader must know beyond the text. */
export interface ExchangeContext {
  /** The present, UTC ms: what ends later than it plus the tolerance is rejected. */
  readonly nowMs: number;
  /** Default 300,000 (five minutes). */
  readonly futureToleranceMs?: number;
  /** IANA zone of local times without offset, for formats that leave it open. */
  readonly zone?: string;
  /** When the values were read, UTC ms, for files that do not say. */
  readonly readAtMs?: number;
  /** Interval length in seconds for formats that leave it open. */
  readonly intervalSeconds?: number;
  /** The channel of a series, null when none is known. Left out: `<point>/<reading type>` by unit, direction and kind. */
  readonly channelOf?: (source: SeriesSource) => ChannelId | null;
  /** Whether the meter that a source names stands or stood at its place; null when nobody knows that meter. */
  readonly standsThere?: (source: SeriesSource) => boolean | null;
  /** Most problems listed; default 100. All are counted. */
  readonly mostProblems?: number;
}

/** A channel's readings to be written. */
export interface WrittenSeries {
  readonly channel: ChannelId;
  readonly meter?: string;
  readonly blocks: readonly ReadingBlock[];
}

/** What an envelope says of the sending. */
export interface WriteContext {
  readonly createdMs: number;
  readonly sender?: string;
  readonly receiver?: string;
}

/** An interchange format. */
export interface ExchangeFormat {
  readonly id: string;
  readonly title: string;
  /** What carried the readings from the meter, said before the file's name in their origin; left out where the file does not tell. */
  readonly carrier?: string;
  /** Whether a text begins like this format. */
  readonly recognises: (text: string) => boolean;
  readonly read?: (text: string, context: ExchangeContext) => ExchangeRead;
  /** @throws CodedError `mdm/exchange-cannot-write` when the readings cannot be said in the format. */
  readonly write?: (series: readonly WrittenSeries[], context: WriteContext) => string;
}

/** A format of octets rather than text: unpacked once, then read as often as its readings are placed anew. */
export interface OctetFormat {
  readonly id: string;
  readonly title: string;
  readonly recognises: (octets: Uint8Array) => boolean;
  readonly open: (octets: Uint8Array) => Promise<(context: ExchangeContext) => ExchangeRead>;
  /** @throws CodedError `mdm/exchange-cannot-write` when the readings cannot be said in the format. */
  readonly write: (series: readonly WrittenSeries[], context: WriteContext) => Uint8Array;
}

/** The text of a problem with its particulars. */
export function problemText(code: ExchangeProblemCode, particulars: string): string {
  return `${exchangeProblems[code].text} (${particulars})`;
}

/** The error of a writer. */
export function cannotWrite(particulars: string, where: Where = {}): CodedError {
  return new CodedError(
    'mdm/exchange-cannot-write',
    problemText('mdm/exchange-cannot-write', particulars),
    where,
  );
}
