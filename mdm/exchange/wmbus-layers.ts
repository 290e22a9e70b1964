/**
 * The layers of a wireless M-Bus telegram about its records: link (EN 13757-4), extended link, authentication and
 * fragmentation (AFL), transport header (EN 13757-7); opened when they are sealed and a key is given.
 */
import { failure, type Result, success } from '@wattline/base';
import { aesCmac, messageKey, openCbc, openCtr } from './wmbus-cipher.ts';

/** The key of the meter with the eight digits, 16 octets, when the owner gave it. */
export type KeyOfMeter = (id: string) => Uint8Array | undefined;

/** A telegram without its layers. */
export interface OpenedTelegram {
  /** Maker (2), number (4), version, type of the meter itself: that of the link layer, or of a long header. */
  readonly address: Uint8Array;
  /** Data records in clear. */
  readonly records: Uint8Array;
}

const headerOctets = 10;
const blockOctets = 16;
const noOctets = new Uint8Array(0);

/**
 * Opens a telegram. Fails with `mdm/exchange-bad-record` when it is none, `mdm/exchange-half-written` when it is shorter than
 * it says, `mdm/exchange-encrypted` when no key was given that opens it.
 */
export function openTelegram(octets: Uint8Array, keyOf: KeyOfMeter): Result<OpenedTelegram> {
  const [length = 0, control = 0] = octets;
  if (octets.length < headerOctets + 1) return halfWritten(`${octets.length} octets`);
  if (length + 1 > octets.length)
    return halfWritten(`the length says ${length + 1} octets, found ${octets.length}`);
  if (length + 1 !== octets.length || (control & 0x0f) !== 4)
    return badRecord(`length ${length} of ${octets.length} octets, control ${control}`);
  const address = octets.subarray(2, headerOctets);
  const link = openExtendedLink(octets.subarray(headerOctets), address, keyOf);
  if (!link.ok) return link;
  const authentication = readAuthentication(link.value);
  if (!authentication.ok) return authentication;
  return openTransport(authentication.value, address, keyOf);
}

/** What is behind an extended link layer; its check sum shows whether it is in clear, or the key opened it. */
function openExtendedLink(octets: Uint8Array, address: Uint8Array, keyOf: KeyOfMeter): Result<Uint8Array> {
  if (octets[0] === 0x8c) return success(octets.subarray(3));
  if (octets[0] !== 0x8d) return success(octets);
  if (octets.length < 10) return halfWritten('an extended link layer of less than ten octets');
  const sealed = octets.subarray(7);
  if (isChecked(sealed)) return success(sealed.subarray(2));
  const id = digits(address.subarray(2, 6));
  const key = keyOf(id);
  if (!key) return encrypted(`no key of meter ${id}`);
  // Maker, number, version, type, communication control, session number; frame and block count from 0.
  const iv = Uint8Array.of(...address, octets[1] as number, ...octets.subarray(3, 7), 0, 0, 0);
  const plain = openCtr(key, iv, sealed);
  return isChecked(plain) ? success(plain.subarray(2)) : encrypted(`another key than that of meter ${id}`);
}

function isChecked(octets: Uint8Array): boolean {
  return crc16(octets.subarray(2)) === ((octets[0] as number) | ((octets[1] as number) << 8));
}

/** CRC-16 of EN 13757 (polynomial 3D65h, inverted). */
function crc16(octets: Uint8Array): number {
  let crc = 0;
  for (const octet of octets) {
    crc ^= octet << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) !== 0 ? 0x3d65 : 0)) & 0xffff;
  }
  return ~crc & 0xffff;
}

/** What the AFL says of the transport layer behind it; empty where there is none. */
interface Authentication {
  readonly counter: Uint8Array;
  readonly mac: Uint8Array;
  /** Message control, counter and length as the code was computed over them, ahead of the message. */
  readonly prefix: Uint8Array;
  readonly message: Uint8Array;
}

/** Bits of the fragmentation control field, and octets of a code by the type of authentication. */
const fragment = { more: 0x4000, control: 0x2000, length: 0x1000, counter: 0x0800, mac: 0x0400, key: 0x0200 };
/** A telegram that says it has a shorter code, or none, is not believed: profile B has eight octets. */
const leastMacOctets = 4;
const macOctets: Readonly<Record<number, number>> = { 3: 2, 4: 4, 5: 8, 6: 12, 7: 16 };

function readAuthentication(octets: Uint8Array): Result<Authentication> {
  if (octets[0] !== 0x90) {
    return success({ counter: noOctets, mac: noOctets, prefix: noOctets, message: octets });
  }
  const end = 2 + (octets[1] ?? 0);
  if (end + 1 > octets.length) return halfWritten('the telegram ends within its authentication layer');
  const control = (octets[2] as number) | ((octets[3] as number) << 8);
  if ((control & fragment.more) !== 0)
    return badRecord('a message in several fragments, which are not put together here');
  let at = 4;
  const take = (flag: number, count: number) => {
    if ((control & flag) === 0) return noOctets;
    at += count;
    return octets.subarray(at - count, Math.min(at, end));
  };
  const messageControl = take(fragment.control, 1);
  take(fragment.key, 2);
  const counter = take(fragment.counter, 4);
  const mac = take(fragment.mac, macOctets[(messageControl[0] ?? 0) & 0x0f] ?? 0);
  const length = take(fragment.length, 2);
  if (at > end) return badRecord(`an authentication layer of ${end - 2} octets for ${at - 2}`);
  const prefix = Uint8Array.of(...messageControl, ...counter, ...length);
  return success({ counter, mac, prefix, message: octets.subarray(end) });
}

/** Octets of the fixed part after a CI field: none, a short header, a long one, which names the device anew. */
const headers: Readonly<Record<number, number>> = { 120: 0, 122: 4, 114: 12 };

/** What a CI field that is not read says, by its number. */
const unreadKinds: Readonly<Record<number, string>> = {
  121: 'CI field 79h, a compact frame: its values mean something only beside a full frame of the meter, which is not kept',
  105: 'CI field 69h, a format frame: it holds no values',
  160: 'CI field A0h, a telegram laid out as its maker pleases',
};

function openTransport(
  authentication: Authentication,
  linkAddress: Uint8Array,
  keyOf: KeyOfMeter,
): Result<OpenedTelegram> {
  const { message } = authentication;
  const kind = message[0] ?? 0;
  const skipped = headers[kind];
  if (skipped === undefined)
    return badRecord(unreadKinds[kind] ?? `CI field ${kind.toString(16).toUpperCase().padStart(2, '0')}h`);
  const from = 1 + skipped;
  if (from > message.length) return halfWritten('the telegram ends within its header');
  if (skipped === 0) return success({ address: linkAddress, records: message.subarray(1) });
  const isLong = kind === 0x72;
  const address = isLong
    ? Uint8Array.of(...message.subarray(5, 7), ...message.subarray(1, 5), ...message.subarray(7, 9))
    : linkAddress;
  const mode = (message[from - 1] as number) & 0x1f;
  const at = from + (mode === 7 ? 1 : 0);
  const isClear = mode === 0 || (message[at] === 0x2f && message[at + 1] === 0x2f);
  if (isClear) return success({ address, records: message.subarray(at) });
  const numbers = [digits(address.subarray(2, 6)), digits(linkAddress.subarray(2, 6))];
  const key = numbers.map(keyOf).find((one) => one !== undefined);
  const header = { access: message[from - 4] as number, blocks: (message[from - 2] as number) >> 4, mode };
  if (!key) return encrypted(`security mode ${mode}, no key of meter ${numbers[0]}`);
  const opened = openRecords({ ...header, ...authentication, address, key, sealed: message.subarray(at) });
  return opened.ok ? success({ address, records: opened.value }) : opened;
}

function openRecords(
  telegram: Authentication & {
    readonly mode: number;
    readonly access: number;
    readonly blocks: number;
    readonly address: Uint8Array;
    readonly key: Uint8Array;
    readonly sealed: Uint8Array;
  },
): Result<Uint8Array> {
  const { mode, access, blocks, address, key, sealed, counter, mac, prefix, message } = telegram;
  const length = blocks * blockOctets;
  if (length === 0 || length > sealed.length)
    return halfWritten(`${blocks} blocks in ${sealed.length} octets`);
  const id = address.subarray(2, 6);
  const open = (by: Uint8Array, iv: Uint8Array) => {
    const plain = openCbc(by, iv, sealed.subarray(0, length));
    if (plain[0] !== 0x2f || plain[1] !== 0x2f)
      return encrypted(`another key than that of meter ${digits(id)}`);
    return success(Uint8Array.of(...plain, ...sealed.subarray(length)));
  };
  if (mode === 5) return open(key, Uint8Array.of(...address, ...new Uint8Array(8).fill(access)));
  if (mode !== 7) return encrypted(`security mode ${mode} is not opened`);
  if (counter.length !== 4) return badRecord('security mode 7 without a message counter');
  const macKey = messageKey(key, { purpose: 'mac', counter, id });
  const found = aesCmac(macKey, Uint8Array.of(...prefix, ...message)).subarray(0, mac.length);
  if (mac.length < leastMacOctets || found.some((octet, i) => octet !== mac[i]))
    return encrypted(`the authentication of meter ${digits(id)} does not fit its key`);
  return open(messageKey(key, { purpose: 'encryption', counter, id }), new Uint8Array(blockOctets));
}

/** Numbers in BCD, least significant first. */
export function digits(octets: Uint8Array): string {
  return [...octets]
    .reverse()
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join('');
}

function halfWritten(what: string) {
  return failure('mdm/exchange-half-written', what);
}

function badRecord(what: string) {
  return failure('mdm/exchange-bad-record', what);
}

function encrypted(what: string) {
  return failure('mdm/exchange-encrypted', what);
}
