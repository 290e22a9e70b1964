/** HDLC frames of type 3 (IEC 62056-46 clause 6.4): format, addresses, control, header check, information, frame check. */
import { concatBytes, type Result } from '@wattline/base';
import { attempt, OctetReader } from '../octet-reader.ts';
import { encodeAddress, formatAddress, type HdlcAddress, readAddress } from './address.ts';
import { frameCheck } from './fcs.ts';

/** The flag that opens and closes frames; frames in a row may share one. */
export const hdlcFlag = 0x7e;

/** Unnumbered commands and responses by their control octet without the poll bit. */
export const unnumbered = {
  SNRM: 0x83,
  UA: 0x63,
  DISC: 0x43,
  DM: 0x0f,
  FRMR: 0x87,
  UI: 0x03,
} as const;
export type Unnumbered = keyof typeof unnumbered;

/** What a control octet says; `isFinal` is the poll/final bit. */
export type HdlcControl =
  | { readonly kind: 'I'; readonly sent: number; readonly received: number; readonly isFinal: boolean }
  | { readonly kind: 'RR' | 'RNR'; readonly received: number; readonly isFinal: boolean }
  | { readonly kind: Unnumbered; readonly isFinal: boolean };

/** One frame. */
export interface HdlcFrame {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: HdlcControl;
  /** More frames carry the rest of the information. */
  readonly isSegmented: boolean;
  readonly information: Uint8Array;
}

const finalBit = 0x10;

/** The control octet of a control. */
export function encodeControl(control: HdlcControl): number {
  const final = control.isFinal ? finalBit : 0;
  switch (control.kind) {
    case 'I':
      return (control.received << 5) | final | (control.sent << 1);
    case 'RR':
      return (control.received << 5) | final | 0x01;
    case 'RNR':
      return (control.received << 5) | final | 0x05;
    default:
      return unnumbered[control.kind] | final;
  }
}

/** The control of a control octet; undefined when it is none that DLMS uses. */
export function decodeControl(octet: number): HdlcControl | undefined {
  const isFinal = (octet & finalBit) !== 0;
  const received = octet >> 5;
  if ((octet & 1) === 0) return { kind: 'I', sent: (octet >> 1) & 7, received, isFinal };
  if ((octet & 0x0f) === 0x01) return { kind: 'RR', received, isFinal };
  if ((octet & 0x0f) === 0x05) return { kind: 'RNR', received, isFinal };
  const kind = (Object.keys(unnumbered) as Unnumbered[]).find(
    (name) => unnumbered[name] === (octet & ~finalBit),
  );
  return kind && { kind, isFinal };
}

/** Octets of a frame, flags included. The information and headers together fill at most 2047 octets. */
export function encodeHdlcFrame(frame: HdlcFrame): Uint8Array {
  const { destination, source, information } = frame;
  const addresses = concatBytes(encodeAddress(destination), encodeAddress(source));
  const hasInformation = information.length > 0;
  // Format, addresses, control, check; with information one check more.
  const length = 2 + addresses.length + 1 + 2 + (hasInformation ? information.length + 2 : 0);
  const format = 0xa000 | (frame.isSegmented ? 0x0800 : 0) | length;
  const head = concatBytes(
    Uint8Array.of(format >> 8, format),
    addresses,
    Uint8Array.of(encodeControl(frame.control)),
  );
  const body = hasInformation ? concatBytes(head, checkOctets(head), information) : head;
  return concatBytes(Uint8Array.of(hdlcFlag), body, checkOctets(body), Uint8Array.of(hdlcFlag));
}

function checkOctets(octets: Uint8Array): Uint8Array {
  const check = frameCheck(octets);
  return Uint8Array.of(check, check >> 8);
}

/** The frame between two flags (both left out). Fails with `dlms/bad-hdlc-frame` or `dlms/bad-checksum`. */
export function decodeHdlcFrame(octets: Uint8Array): Result<HdlcFrame> {
  return attempt(() => {
    const reader = new OctetReader(octets);
    const frame = readHdlcFrame(reader);
    reader.expectEnd();
    return frame;
  });
}

/** How strictly {@link readHdlcFrame} takes check sequences. */
export interface HdlcOptions {
  /** A wrong check sequence is shown rather than refused: for looking at frames, never for links. */
  readonly tolerateChecks?: boolean;
}

/** Reads one frame from its format field to its frame check. */
export function readHdlcFrame(reader: OctetReader, options: HdlcOptions = {}): HdlcFrame {
  const start = reader.at;
  const format = reader.node(
    'frame-format',
    () => reader.u16(),
    (value) => value.toString(16).toUpperCase(),
  );
  if (format >> 12 !== 0xa) reader.fail('dlms/bad-hdlc-frame', 'expected a frame of type 3', -2);
  const end = start + (format & 0x7ff);
  if (end > reader.end) {
    reader.fail(
      'dlms/truncated',
      `expected a frame of ${end - start} octets, found ${reader.end - start}`,
      -2,
    );
  }
  const destination = reader.node('destination', () => readAddress(reader), formatAddress);
  const source = reader.node('source', () => readAddress(reader), formatAddress);
  const control = readControl(reader);
  const left = end - reader.at;
  if (left < 2 || left === 3)
    reader.fail('dlms/bad-hdlc-frame', 'the length leaves no room for a frame check');
  const hasInformation = left > 2;
  if (hasInformation) readCheck(reader, { name: 'header-check', start, ...options });
  const length = end - reader.at - 2;
  const information = hasInformation
    ? reader.node('information', () => reader.bytes(length))
    : new Uint8Array(0);
  readCheck(reader, { name: 'frame-check', start, ...options });
  return { destination, source, control, isSegmented: (format & 0x0800) !== 0, information };
}

function readControl(reader: OctetReader): HdlcControl {
  return reader.node(
    'control',
    () => {
      const octet = reader.u8();
      const control = decodeControl(octet);
      if (!control) reader.fail('dlms/bad-hdlc-frame', `no control has octet ${octet}`, -1);
      return control;
    },
    printControl,
  );
}

function printControl(control: HdlcControl): string {
  const numbers = [
    'sent' in control ? `N(S) ${control.sent}` : '',
    'received' in control ? `N(R) ${control.received}` : '',
    control.isFinal ? 'P/F' : '',
  ];
  return [control.kind, ...numbers.filter((text) => text !== '')].join(' ');
}

function readCheck(
  reader: OctetReader,
  check: { readonly name: string; readonly start: number } & HdlcOptions,
): void {
  const expected = frameCheck(reader.octets.subarray(check.start, reader.at));
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
  const read = () => reader.u8() | (reader.u8() << 8);
  const found = reader.node(check.name, read, (value) =>
    value === expected ? `${hex(value)}, right` : `${hex(value)}, wrong: expected ${hex(expected)}`,
  );
  if (found !== expected && !check.tolerateChecks) {
    reader.fail('dlms/bad-checksum', `expected ${check.name} ${hex(expected)}, found ${hex(found)}`, -2);
  }
}
