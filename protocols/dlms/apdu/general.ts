/** The general protection and block transfer APDUs (IEC 62056-5-3, Green Book 9.5): envelopes around other APDUs. */
import { AxdrWriter } from '../axdr-writer.ts';
import { choice, octetString, optional, sequence, u8, u16 } from '../codec.ts';

/** General-Glo-Ciphering and General-Ded-Ciphering: who sealed it, and security header, contents and tag. */
export const generalCiphered = sequence({ systemTitle: octetString, cipheredService: octetString });

/** Key-Info of General-Ciphering. */
export const keyInfo = choice({
  'identified-key': [0, sequence({ keyId: u8 })],
  'wrapped-key': [1, sequence({ kekId: u8, keyCipheredData: octetString })],
  'agreed-key': [2, sequence({ keyParameters: octetString, keyCipheredData: octetString })],
});

/** The header of General-Ciphering and General-Signing: authenticated along with the contents. */
const header = {
  transactionId: octetString,
  originatorSystemTitle: octetString,
  recipientSystemTitle: octetString,
  dateTime: octetString,
  otherInformation: octetString,
};

/** The fields of the header, each with its length: what tag and signature protect besides the contents. */
export function generalHeaderOctets(
  fields: {
    readonly [K in keyof typeof header]: Uint8Array;
  },
): Uint8Array {
  const writer = new AxdrWriter();
  for (const name of Object.keys(header) as (keyof typeof header)[]) {
    writer.size(fields[name].length).raw(fields[name]);
  }
  return writer.finish();
}

export const generalCiphering = sequence({
  ...header,
  keyInfo: optional(keyInfo),
  cipheredContent: octetString,
});

export const generalSigning = sequence({ ...header, content: octetString, signature: octetString });

/** Block control: bit 7 last block, bit 6 streaming, bits 0 to 5 window. */
export const generalBlockTransfer = sequence({
  blockControl: u8,
  blockNumber: u16,
  blockNumberAck: u16,
  blockData: octetString,
});
