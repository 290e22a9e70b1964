/** DataNotification and EventNotification (IEC 62056-5-3, Green Book 9.5), with the two quirks met in the field. */
import { toHex } from '@wattline/base';
import { type Codec, data, octetString, sequence, u32 } from '../codec.ts';
import { typeCode } from '../type-codes.ts';
import { attributeDescriptor } from './services.ts';

/**
 * The date-time of a DataNotification: an OCTET STRING without tag, empty or twelve octets. Kaifa and older Kamstrup
 * meters put the tag of octet-string before it, which would read as a length of nine: no date-time has nine octets.
 */
const dateTime: Codec<Uint8Array> = {
  read(reader) {
    const isTagged =
      reader.remaining > 1 &&
      reader.peek() === typeCode['octet-string'] &&
      reader.octets[reader.at + 1] === 12;
    if (isTagged) reader.u8();
    return reader.sized();
  },
  write: octetString.write,
  print: toHex,
};

/**
 * OPTIONAL OCTET STRING of a time. Iskraemeco MX382 meters write the tag of octet-string where the octet of presence
 * belongs.
 */
export const optionalTime: Codec<Uint8Array | undefined> = {
  read(reader) {
    const present = reader.u8();
    if (present === 0) return undefined;
    if (present !== 1 && present !== typeCode['octet-string']) {
      reader.fail('dlms/bad-tag', `expected 0 or 1 for an optional time, found ${present}`, -1);
    }
    return reader.sized();
  },
  write(writer, value) {
    writer.u8(value === undefined ? 0 : 1);
    if (value !== undefined) octetString.write(writer, value);
  },
  print: (value) => (value === undefined ? 'absent' : toHex(value)),
};

export const dataNotification = sequence({
  longInvokeIdAndPriority: u32,
  dateTime,
  notificationBody: data,
});

export const dataNotificationConfirm = sequence({ longInvokeIdAndPriority: u32, dateTime: octetString });

export const eventNotificationRequest = sequence({
  time: optionalTime,
  attributeDescriptor,
  attributeValue: data,
});
