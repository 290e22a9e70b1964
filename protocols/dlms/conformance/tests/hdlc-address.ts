/** HDLC_ADDRESS_*: which addresses are answered and which are not (IEC 62056-46 clause 6.4.2.3 to 6.4.2.5). */
import { concatBytes } from '@wattline/base';
import { encodeAddress } from '../../hdlc/address.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { addressesOf } from '../hdlc-link.ts';
import { control } from '../hdlc-octets.ts';
import { needs, type Target } from '../target.ts';
import { mustDrop, openDisconnected } from './hdlc-frame.ts';

const usual = {
  group: 'HDLC',
  origin: 'public',
  needs: [needs.hdlc],
  clause: 'IEC 62056-46 6.4.2.3',
} as const;

/** A right SNRM with this destination or source must not be answered. */
function unanswered(
  title: string,
  addresses: (target: Target) => { destination?: Uint8Array; source?: Uint8Array },
): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const { link, target } = dialogue;
      yield* mustDrop(dialogue, title, link.frame({ control: control.snrm, ...addresses(target) }));
    },
  };
}

/** An upper address that is neither the meter's nor one reserved. */
const otherUpper = ({ serverSap }: Target) => (serverSap === 0x66 ? 0x67 : 0x66);

function answeredWith(length: 1 | 2 | 4): Subtest {
  return {
    title: `server address of ${length} octet${length === 1 ? '' : 's'}: answered with the same`,
    needs: [
      {
        holds: ({ hdlc }) => hdlc.addressLengths.includes(length),
        why: `the meter is not declared to take addresses of ${length} octets (--addressing)`,
      },
    ],
    *script(dialogue: Dialogue) {
      dialogue.link.addresses = addressesOf(dialogue.target, length);
      yield* openDisconnected(dialogue);
      yield* dialogue.link.connect();
      yield* dialogue.link.disconnect('UA');
    },
  };
}

export const hdlcAddressTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'HDLC_ADDRESS_P1',
    title: 'right addresses in each structure that is declared',
    subtests: [answeredWith(1), answeredWith(2), answeredWith(4)],
  },
  {
    ...usual,
    name: 'HDLC_ADDRESS_N1',
    title: 'client address of two octets',
    subtests: [
      unanswered('source of two octets', ({ clientSap }) => ({
        source: encodeAddress({ upper: 0, lower: clientSap, length: 2 }),
      })),
      unanswered('source of four octets', ({ clientSap }) => ({
        source: encodeAddress({ upper: 0, lower: clientSap, length: 4 }),
      })),
    ],
  },
  {
    ...usual,
    name: 'HDLC_ADDRESS_N4',
    title: 'unknown server addresses',
    subtests: [
      unanswered('an unknown upper address', (target) => ({
        destination: encodeAddress({
          upper: otherUpper(target),
          lower: target.hdlc.serverLower ?? 0,
          length: target.hdlc.addressLength,
        }),
      })),
      unanswered('the no-station address 0', ({ hdlc }) => ({
        destination: encodeAddress({ upper: 0, lower: 0, length: hdlc.addressLength }),
      })),
      {
        ...unanswered('an unknown lower address', ({ serverSap, hdlc }) => ({
          destination: encodeAddress({
            upper: serverSap,
            lower: (hdlc.serverLower ?? 0) === 0x65 ? 0x64 : 0x65,
            length: hdlc.addressLength === 1 ? 2 : hdlc.addressLength,
          }),
        })),
        needs: [
          {
            holds: ({ hdlc }) => hdlc.serverLower !== undefined,
            why: 'no lower address is declared (--lower): the meter may take any',
          },
        ],
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_ADDRESS_N6',
    title: 'server address of one octet where two or four are declared',
    needs: [needs.hdlc, needs.wideAddresses],
    subtests: [
      unanswered('destination of one octet', ({ serverSap }) => ({
        destination: encodeAddress({ upper: serverSap, lower: undefined, length: 1 }),
      })),
    ],
  },
  {
    ...usual,
    name: 'HDLC_ADDRESS_N7',
    title: 'server addresses of three and five octets',
    subtests: [
      unanswered('destination of three octets', ({ serverSap }) => ({
        destination: Uint8Array.of(0, serverSap << 1, 1),
      })),
      unanswered('destination of five octets', ({ serverSap }) => ({
        destination: concatBytes(Uint8Array.of(0, 0, serverSap << 1), Uint8Array.of(0, 1)),
      })),
    ],
  },
];
