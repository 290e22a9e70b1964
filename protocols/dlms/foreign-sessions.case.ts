/** Octets that other makers' software sent over the loopback on 2026-11-28, whole sessions of the public client; `docs/reference/interoperability.md`. */

/** What a client sent, frame by frame, reading the total energy (1.0.1.8.0.255, attribute 2) of `wattline meter run`. */
export interface ForeignClient {
  readonly name: string;
  readonly isHdlc: boolean;
  readonly frames: readonly string[];
}

export const foreignClients: readonly ForeignClient[] = [
  {
    name: 'Gurux.DLMS for Java a01dbc8, wrapper',
    isHdlc: false,
    frames: [
      '000100100001001f601da109060760857405080101be10040e01000000065f1f0400621e5dffff',
      '000100100001000dc001c100030100010800ff0200',
      '00010010000100176215800100be10040e01000000065f1f0400621e5dffff',
    ],
  },
  {
    name: 'Gurux.DLMS for Java a01dbc8, HDLC with frames of 512 octets',
    isHdlc: true,
    frames: [
      '7ea0200321937dd981801405020200060202000704000000010804000000016fef7e',
      '7ea02b032110fbafe6e600601da109060760857405080101be10040e01000000065f1f0400621e5dffff88557e',
      '7ea0190321326fd8e6e600c001c100030100010800ff020032687e',
      '7ea00703215303c77e',
    ],
  },
  {
    name: 'Gurux.DLMS for Python 1.0.197, wrapper',
    isHdlc: false,
    frames: [
      '000100100001001f601da109060760857405080101be10040e01000000065f1f0400401e5dffff',
      '000100100001000dc001c100030100010800ff0200',
      '00010010000100056203800100',
    ],
  },
  {
    name: 'u9n dlms-cosem c52e9d4, wrapper',
    isHdlc: false,
    frames: [
      '000100100001002b6029a109060760857405080101a60a040875746953157b8d9fbe10040e01000000065f1f040020525fffff',
      '000100100001000dc001c000030100010800ff0200',
      '00010010000100056203800100',
    ],
  },
  {
    name: 'u9n dlms-cosem c52e9d4, HDLC',
    isHdlc: true,
    frames: [
      '7ea0070321930f017e',
      '7ea0370321106efbe6e6006029a109060760857405080101a60a040875746937bb452387be10040e01000000065f1f040020525fffff545f7e',
      '7ea0190321326fd8e6e600c001c000030100010800ff0200a33d7e',
      '7ea011032154873be6e6006203800100bd9b7e',
      '7ea00703215303c77e',
    ],
  },
];

/** What a server answered, frame by frame, to `wattline read`. */
export interface ForeignServer {
  readonly name: string;
  readonly referencing: 'ln' | 'sn';
  /** Answers to the AARQ, to each request and to the RLRQ. */
  readonly answers: readonly [string, ...string[]];
  /** A-XDR octets of what was read, in order. */
  readonly values: readonly string[];
}

export const foreignServers: readonly ForeignServer[] = [
  {
    name: 'Gurux.DLMS for Java a01dbc8, logical names',
    referencing: 'ln',
    answers: [
      '000100010010002b6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000001004000007',
      '000100010010000fc401c1000909475258313233343536',
      '00010001001000176311800100be0f040e0800065f1f040000001004000007',
    ],
    values: ['0909475258313233343536'],
  },
  {
    name: 'Gurux.DLMS for Java a01dbc8, short names',
    referencing: 'sn',
    answers: [
      '000100010010002b6129a109060760857405080102a203020100a305a103020100be10040e0800065f1f04001c03200400fa00',
      '00010001001000080c0100050000012e',
      '00010001001000090c010002020f001600',
      '00010001001000176311800100be0f040e0800065f1f04001c03200400fa00',
    ],
    values: ['050000012e', '02020f001600'],
  },
];
