/** Data readouts of IEC 62056-21 (modes A to D) as text: telegrams cut out of a file, their check read, their data sets with their lines. */
import type { ExchangeProblemCode } from './exchange-problems.ts';

/** `1-0:1.8.0*255(001234.567*kWh)`: an address and what stands in the brackets after it. */
export interface DataSet {
  readonly address: string;
  readonly values: readonly string[];
  /** Line of the file, from 1. */
  readonly line: number;
}

/** Why a telegram or a stretch of text is not taken. */
export interface ReadoutFault {
  readonly code: ExchangeProblemCode;
  readonly particulars: string;
  readonly line: number;
}

/** One telegram, or a stretch between telegrams that lost its head. */
export interface ReadoutTelegram {
  /** Line of its head. */
  readonly line: number;
  readonly sets: readonly DataSet[];
  /** Why nothing of it is taken, or null. */
  readonly fault: ReadoutFault | null;
  /** Lines that are no data sets; the others stand. */
  readonly badLines: readonly ReadoutFault[];
}

const stx = '\x02';
const etx = '\x03';
const ack = '\x06';
/** `/`, three letters of the maker, the character of its rate, its own name. */
const head = /\/[A-Z][A-Za-z]{2}[\x20-\x7e][^\r\n/!]*(?:\n|\r\n?|$)/g;
/** The end mark begins a line or follows a data set, and ends its line but for a CRC-16; `!` within a line is a changed character. */
const endMark = /^[)\n]!(?:([0-9A-Fa-f]{1,4})(?=[\r\n]|$))?(?:\r?\n|(?![ -~]))/;
const longestMark = 8;
/** An address and its first bracket, or a further bracket: an address holds no brackets. */
const dataSet = /([^()]*)\(([^()]*)\)/y;

/** The telegrams of a text in its order. */
export function* cutTelegrams(text: string): Generator<ReadoutTelegram> {
  const lineAt = lineCounter(text);
  let at = 0;
  for (let start = nextHead(text, 0); ; ) {
    const stray = strayOf(text.slice(at, start?.index), lineAt(at));
    if (stray) yield stray;
    if (!start) return;
    const line = lineAt(start.index);
    const bodyAt = start.index + start[0].length;
    const following = nextHead(text, bodyAt);
    const limit = following?.index ?? text.length;
    const body = text.slice(bodyAt, limit);
    // The exclamation mark of a request /?! is that of the next meter's beginning.
    const end = body.search(/!|\/\?/);
    if (body[end] !== '!') {
      yield refused('mdm/exchange-half-written', 'a telegram without its end mark !', line);
      at = limit;
    } else {
      const { fault, after } = readCheck(
        text,
        { start: start.index, bodyAt, end: bodyAt + end, limit },
        line,
      );
      yield fault ?? { line, fault: null, ...readSets(body.slice(0, end), lineAt(bodyAt)) };
      at = after;
    }
    // The check character may itself look like the beginning of a head.
    start = following && following.index < at ? nextHead(text, at) : following;
  }
}

function nextHead(text: string, from: number): RegExpExecArray | null {
  head.lastIndex = from;
  return head.exec(text);
}

/** Data sets outside of a telegram: its head was lost, and with it whose they are. Requests and noise are passed over. */
function strayOf(gap: string, line: number): ReadoutTelegram | null {
  const first = gap.split('\n').findIndex((one) => one.includes('('));
  return first < 0 ? null : refused('mdm/exchange-bad-record', 'data sets without a head', line + first);
}

function refused(code: ExchangeProblemCode, particulars: string, line: number): ReadoutTelegram {
  return { line, sets: [], fault: { code, particulars, line }, badLines: [] };
}

/** Where a telegram lies in the text; `limit` is where the next one begins. */
interface Stretch {
  readonly start: number;
  readonly bodyAt: number;
  readonly end: number;
  readonly limit: number;
}

/** What stands after the end mark: nothing, the CRC-16 of a P1 port, or ETX and a block check character; and where it ends. */
function readCheck(
  text: string,
  { start, bodyAt, end, limit }: Stretch,
  line: number,
): { readonly fault: ReadoutTelegram | null; readonly after: number } {
  const found = endMark.exec(text.slice(end - 1, end + longestMark));
  if (!found) {
    // What stands behind an end mark that is none belongs to the same telegram.
    return { fault: refused('mdm/exchange-bad-record', 'an end mark within a line', line), after: limit };
  }
  const [mark = '', digits = ''] = found;
  const after = end - 1 + mark.length;
  if (digits !== '') {
    const sum = crc16(withLineEnds(text.slice(start, end + 1)));
    return { fault: differs(Number.parseInt(digits, 16), sum, line), after };
  }
  if (text[after] !== etx) return { fault: null, after };
  const stated = text.charCodeAt(after + 1);
  if (Number.isNaN(stated)) {
    const fault = refused('mdm/exchange-half-written', 'no check character after ETX', line);
    return { fault, after: after + 1 };
  }
  // From after STX to ETX inclusive (ISO 1155, as IEC 62056-21 asks).
  const opening = text.slice(bodyAt, end).indexOf(stx);
  const block = withLineEnds(text.slice(opening < 0 ? bodyAt : bodyAt + opening + 1, after + 1));
  return { fault: differs(stated, exclusiveOr(block), line), after: after + 2 };
}

function differs(stated: number, found: number, line: number): ReadoutTelegram | null {
  if (stated === found) return null;
  const [a, b] = [found, stated].map((one) => one.toString(16).toUpperCase().padStart(2, '0'));
  return refused('mdm/exchange-bad-check-sum', `expected ${a}, found ${b}`, line);
}

/** Lines as they were sent: a file that an editor has saved may have lost its CRs. */
function withLineEnds(text: string): string {
  return text.includes('\r') ? text : text.replaceAll('\n', '\r\n');
}

function exclusiveOr(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i) & 0x7f;
  return sum;
}

/** CRC-16/ARC: reflected 8005h, from zero, as the P1 ports of DSMR 4 and 5 send it. */
function crc16(text: string): number {
  let word = 0;
  for (let i = 0; i < text.length; i++) {
    word ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) word = (word & 1) !== 0 ? (word >> 1) ^ 0xa001 : word >> 1;
  }
  return word;
}

function readSets(body: string, firstLine: number): Pick<ReadoutTelegram, 'sets' | 'badLines'> {
  const sets: DataSet[] = [];
  const badLines: ReadoutFault[] = [];
  const opening = body.indexOf(stx);
  // Before STX stands at most the acknowledgement of who asked.
  const skipped = opening < 0 ? '' : body.slice(0, opening + 1);
  const lines = body.slice(skipped.length).split('\n');
  const offset = firstLine + skipped.split('\n').length - 1;
  lines.forEach((raw, index) => {
    const line = offset + index;
    const content = raw.trim();
    // A value alone continues the line before (P1 of DSMR 3: gas); it belongs to no register of electricity.
    if (content === '' || content.startsWith('(') || content.startsWith(ack)) return;
    const found = setsOfLine(content, line);
    if (found) sets.push(...found);
    else {
      const particulars = `'${content.slice(0, 40)}' is no data set`;
      badLines.push({ code: 'mdm/exchange-bad-record', particulars, line });
    }
  });
  return { sets, badLines };
}

function setsOfLine(content: string, line: number): DataSet[] | null {
  const sets: { address: string; values: string[]; line: number }[] = [];
  let at = 0;
  while (at < content.length) {
    dataSet.lastIndex = at;
    const found = dataSet.exec(content);
    if (!found) return null;
    const [all, address = '', value = ''] = found;
    if (address === '') sets.at(-1)?.values.push(value);
    else sets.push({ address: address.trim(), values: [value], line });
    at += all.length;
  }
  return sets;
}

/** The line of positions that only grow. */
function lineCounter(text: string): (position: number) => number {
  let line = 1;
  let at = 0;
  return (position) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < position; next = text.indexOf('\n', at)) {
      line++;
      at = next + 1;
    }
    return line;
  };
}
