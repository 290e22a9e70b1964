/** Octets as people paste them: hexadecimal digits with whatever stands between them, or the text of a P1 telegram. */
import { CodedError } from '@wattline/base';

/** Between octets: white space, the marks of dumps, and 0x or \x before them. */
const between = /(?:[\s:;,.\-_|"'[\](){}]|0x|\\x)+/gy;

/**
 * The octets of a text.
 * @throws CodedError `base/bad-hex` with line and column of what is no hexadecimal digit
 */
export function octetsOfText(text: string): Uint8Array {
  // A telegram of P1 is text itself: it starts with a slash, which no dump of octets does.
  if (/^\s*\/[A-Za-z]{3}/.test(text)) return new Uint8Array(Buffer.from(text.trimStart(), 'latin1'));
  const octets: number[] = [];
  let at = 0;
  for (;;) {
    between.lastIndex = at;
    if (between.test(text)) at = between.lastIndex;
    if (at >= text.length) return Uint8Array.from(octets);
    const pair = text.slice(at, at + 2);
    if (!/^[0-9A-Fa-f]{2}$/.test(pair)) throw badHex(text, at, octets.length);
    octets.push(Number.parseInt(pair, 16));
    at += 2;
  }
}

function badHex(text: string, at: number, octet: number): CodedError {
  const isDigit = /[0-9A-Fa-f]/.test(text[at] ?? '');
  const wrong = isDigit ? at + 1 : at;
  const before = text.slice(0, wrong).split('\n');
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  const found = wrong < text.length ? `'${text[wrong]}'` : 'the end';
  const what = isDigit ? 'the second digit of an octet' : 'a hexadecimal digit';
  const message = `expected ${what}, found ${found} at line ${line}, column ${column} (octet ${octet})`;
  return new CodedError('base/bad-hex', message, { line, column, offset: wrong, octet });
}
