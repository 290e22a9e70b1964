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

/** A handshake by ECDSA on P-256 with Gurux's server for Java a01dbc8: it answers our challenge with a signature of its own. */
export const foreignSignature = {
  clientTitle: '57544cb72d7d6dc8',
  /** The challenge that our client sent. */
  challenge: '9b101578b084ce5d90ba43c0b1b1fe9d2f390a25ca90feec7133d8810456447c',
  meterPublicKey:
    '8ce7c4d6fffb8476411dabee121131f484e79bcc17dc03bf64f69c998dc03ae525d36e99d19f252f4af058710a91978e386367d648f9d5d85983dbee03101baa',
  /** The AARQ as it went out, for the challenge and the title. */
  aarq: '000100170001005c605aa109060760857405080101a60a040857544cb72d7d6dc88a0207808b0760857405080207ac2280209b101578b084ce5d90ba43c0b1b1fe9d2f390a25ca90feec7133d8810456447cbe10040e01000000065f1f0400001e5d0400',
  aare: '0001000100170083618180a109060760857405080101a203020100a305a10302010ea40a0408475258000000000188020780890760857405080207aa3c803a310129753e6c731126374e4f000a28291630432f1b604b311e651d0777131a392f0c2e1a5d0b2b12086b6d07232e4b1a60115b2d65416816314ebe10040e0800065f1f0400001e5d04000007',
  /** The signature over both titles and both challenges, as the answer of reply_to_HLS_authentication. */
  proof:
    '0001000100170048c701c10001000940d703ad175a0f6a32351ee2f1d5649fd0c7a23f108f504b7ec52c9d148b00dc59b0bfcb1f94d1304bb469a3c045a0e66e89f1ffdf376478440a2cc9840831f404',
} as const;
