/** Captures to try the frame decoder on: made by our own meter and client, keys of a demonstration. */

/** A capture with what opens it. */
export interface FrameExample {
  readonly id: 'hdlc' | 'aarq' | 'ciphered' | 'broken' | 'telegram';
  readonly text: string;
  readonly ek?: string;
  readonly ak?: string;
  readonly systemTitle?: string;
}

export const frameExamples: readonly FrameExample[] = [
  {
    id: 'hdlc',
    text: '7E A0 07 03 21 93 0F 01 7E\n7E A0 1E 21 03 73 C3 7A 81 80 12 05 01 80 06 01 80 07 04 00 00 00 01 08 04 00 00 00 01 53 3B 7E',
  },
  {
    id: 'aarq',
    text: '00 01 00 20 00 01 00 38\n60 36 A1 09 06 07 60 85 74 05 08 01 01 8A 02 07 80 8B 07 60 85 74 05 08 02 01 AC 0A 80 08 31 32 33 34 35 36 37 38 BE 10 04 0E 01 00 00 00 06 5F 1F 04 00 00 1E 1D FF FF',
  },
  {
    // Green Book 9.2.7.2: a GET of the clock, authenticated and encrypted under the keys of its examples.
    id: 'ciphered',
    text: 'C8 1E 30 01 23 45 67 41 13 12 FF 93 5A 47 56 68 27 C4 67 BC 7D 82 5C 3B E4 A7 7C 3F CC 05 6B 6B',
    ek: '000102030405060708090A0B0C0D0E0F',
    ak: 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF',
    systemTitle: '4D4D4D0000BC614E',
  },
  {
    id: 'broken',
    text: '7E A0 07 03 21 93 0F 02 7E\n00 01 00 10 00 01 00 0D C0 01 C1 00 08 00 00 01',
  },
  {
    id: 'telegram',
    text: '/WTL5 demonstration\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(261128231500W)\r\n1-0:1.8.1(004321.234*kWh)\r\n1-0:1.8.2(001234.567*kWh)\r\n1-0:1.7.0(00.451*kW)\r\n!',
  },
];
