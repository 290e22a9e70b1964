/** Meters with one defect each, and the test that must see it: a conformance test that cannot fail tests nothing. */
import { concatBytes, toHex } from '@wattline/base';
import { encodeData } from '../axdr.ts';
import { keys, password } from '../conversation.case.ts';
import type { ClientPolicy, LogicalDevice } from '../server.ts';
import { allDeclared, type Defect } from './conformance-device.case.ts';
import { wrap } from './dialogue.ts';
import { buildFrame, control, type FrameParts, type SeenFrame, seeFrames } from './hdlc-octets.ts';
import { type SetupDefect, unchecked, withSecuritySetup } from './security-setup.case.ts';
import type { Target } from './target.ts';

/** A defect, where it shows and what sees it. */
export interface KnownDefect {
  readonly title: string;
  readonly sap: number;
  readonly target?: Partial<Target>;
  readonly defect: Defect;
  /** Tests that must fail. */
  readonly seenBy: readonly string[];
}

const hdlc = { framing: 'hdlc' } as const;
const sn = { referencing: 'sn' } as const;

/** Frames taken apart, changed and put together again with right checks. */
function reframed(change: (frame: SeenFrame, parts: FrameParts) => FrameParts | undefined) {
  return (octets: Uint8Array) => {
    const { frames, rest } = seeFrames(octets);
    if (frames.length === 0 || rest.length > 0) return octets;
    return concatBytes(
      ...frames.map((frame) => {
        const { destination, source, information, isSegmented } = frame;
        const parts = { destination, source, information, isSegmented, control: frame.control };
        const changed = change(frame, parts);
        return changed ? buildFrame(changed) : new Uint8Array(0);
      }),
    );
  };
}

/** Replaces octets by others of the same count, wherever they stand. */
function replacing(from: readonly number[], to: readonly number[]) {
  return (octets: Uint8Array) => {
    const at = Buffer.from(octets).indexOf(Uint8Array.from(from));
    if (at < 0) return octets;
    const copy = octets.slice();
    copy.set(to, at);
    return copy;
  };
}

const setupDefect = (defect: SetupDefect): Pick<KnownDefect, 'sap' | 'target' | 'defect'> => ({
  sap: 2,
  target: { declared: allDeclared },
  defect: { device: (device) => withSecuritySetup(device, defect) },
});
const keyTransfers = ['SYMSEC_0_Key_Tx_P1', 'SYMSEC_0_Key_Tx_P2', 'SYMSEC_0_Key_Tx_P3'];

/** A device whose policies are changed. */
const withPolicy =
  (change: (policy: ClientPolicy) => ClientPolicy) =>
  (device: LogicalDevice): LogicalDevice => ({
    ...device,
    policy: (sap) => {
      const policy = device.policy(sap);
      return policy && change(policy);
    },
  });

const anyData = encodeData({ type: 'unsigned', value: 1 });
const generous = (device: LogicalDevice): LogicalDevice => ({
  ...device,
  get: (reference, client) => {
    const right = device.get(reference, client);
    return right.ok ? right : { ok: true, encoded: anyData };
  },
});

/** Takes an SNRM whatever its format: everything that is not a frame is answered as one. */
const takesAnything: Defect = {
  out: (octets) => {
    const { frames } = seeFrames(octets);
    const [frame] = frames;
    if (frame && frame.problem === undefined && frame.octets.length + 2 === octets.length) return octets;
    if (octets.length === 0) return octets;
    return buildFrame({
      destination: Uint8Array.of(2, 1),
      source: Uint8Array.of(0x21),
      control: control.snrm,
    });
  },
};

/** Repairs what is wrong with checks, addresses and controls before the meter sees it. */
const repairs = (change: (parts: FrameParts, frame: SeenFrame) => FrameParts): Defect => ({
  out: reframed((frame, parts) => change(parts, frame)),
});
const meterAddress = Uint8Array.of(2, 1);
const publicAddress = Uint8Array.of(0x21);

export const knownDefects: readonly KnownDefect[] = [
  {
    title: 'answers with a wrong frame check',
    sap: 16,
    target: hdlc,
    defect: { back: (octets) => octets.map((octet, i) => (i === octets.length - 2 ? octet ^ 1 : octet)) },
    seenBy: ['HDLC_FRAME_P1', 'HDLC_INFO_P1', 'HDLC_ADDRESS_P1', 'APPL_OPEN_1'],
  },
  {
    title: 'takes frames without looking at format, length, flags or checks',
    sap: 16,
    target: hdlc,
    defect: takesAnything,
    seenBy: ['HDLC_FRAME_P2', 'HDLC_FRAME_N1', 'HDLC_FRAME_N2', 'HDLC_FRAME_N3', 'HDLC_FRAME_N4'],
  },
  {
    title: 'does not look at header and frame checks',
    sap: 16,
    target: hdlc,
    defect: repairs((parts) => parts),
    seenBy: ['HDLC_FRAME_N7', 'HDLC_FRAME_N8'],
  },
  {
    title: 'takes any control for an SNRM',
    sap: 16,
    target: hdlc,
    defect: repairs((parts) =>
      [control.disc, 0x11].includes(parts.control) ? parts : { ...parts, control: control.snrm },
    ),
    seenBy: ['HDLC_FRAME_N5', 'HDLC_NDMOP_N1'],
  },
  {
    title: 'takes frames for other servers',
    sap: 16,
    target: hdlc,
    defect: {
      ...repairs((parts) => ({ ...parts, destination: meterAddress })),
      back: reframed((_, parts) => parts),
    },
    seenBy: ['HDLC_ADDRESS_N4'],
  },
  {
    title: 'takes destinations of three octets',
    sap: 16,
    target: hdlc,
    defect: repairs((parts) => ({
      ...parts,
      destination: parts.destination.length === 3 ? meterAddress : parts.destination,
    })),
    seenBy: ['HDLC_ADDRESS_N7'],
  },
  {
    title: 'takes clients with addresses of two octets',
    sap: 16,
    target: hdlc,
    defect: repairs((parts) => ({
      ...parts,
      source: parts.source.length > 1 ? publicAddress : parts.source,
    })),
    seenBy: ['HDLC_ADDRESS_N1'],
  },
  {
    title: 'takes an address of one octet where two are declared',
    sap: 16,
    target: { ...hdlc, hdlc: { addressLength: 2, addressLengths: [2, 4] } },
    defect: {},
    seenBy: ['HDLC_ADDRESS_N6'],
  },
  {
    title: 'agrees to more octets and frames than it was offered',
    sap: 16,
    target: hdlc,
    defect: {
      back: reframed((_, parts) =>
        parts.control === control.ua && (parts.information?.length ?? 0) > 0
          ? { ...parts, information: Uint8Array.of(0x81, 0x80, 14, 5, 2, 8, 0, 6, 2, 8, 0, 7, 1, 9, 8, 1, 9) }
          : parts,
      ),
    },
    seenBy: ['HDLC_NDM2NRM_P1', 'HDLC_NDM2NRM_P2'],
  },
  {
    title: 'counts its frames wrongly',
    sap: 16,
    target: hdlc,
    defect: {
      back: reframed((_, parts) =>
        (parts.control & 1) === 0 ? { ...parts, control: parts.control ^ 0x04 } : parts,
      ),
    },
    seenBy: ['HDLC_INFO_P1'],
  },
  {
    title: 'takes I-frames whatever their numbers and length',
    sap: 16,
    target: hdlc,
    defect: {
      back: reframed((_, parts) =>
        (parts.control & 0x0f) === 1 ? { ...parts, control: 0x30 | ((parts.control + 0x20) & 0xe0) } : parts,
      ),
    },
    seenBy: ['HDLC_INFO_N2', 'HDLC_INFO_N3'],
  },
  {
    title: 'answers a frame that is too long',
    sap: 16,
    target: hdlc,
    defect: {
      out: reframed((_, parts) => ({
        ...parts,
        information: (parts.information ?? new Uint8Array(0)).subarray(0, 64),
      })),
    },
    seenBy: ['HDLC_INFO_N1'],
  },
  {
    title: 'never gives a silent link up',
    sap: 16,
    target: { ...hdlc, hdlc: { addressLength: 2, addressLengths: [1, 2, 4], inactivityMs: 1000 } },
    defect: {},
    seenBy: ['HDLC_FRAME_P3'],
  },
  {
    title: 'serves data without an association',
    sap: 16,
    defect: {
      back: (octets) =>
        toHex(octets.subarray(8, 9)) === 'D8' ? wrapped(octets, 'C401C1000906000028000 0FF') : octets,
    },
    seenBy: ['APPL_IDLE_N1', 'APPL_REL_P1', 'APPL_OPEN_5'],
  },
  {
    title: 'swaps its wPorts',
    sap: 16,
    defect: {
      back: (octets) =>
        Uint8Array.of(
          ...octets.subarray(0, 2),
          ...octets.subarray(4, 6),
          ...octets.subarray(2, 4),
          ...octets.subarray(6),
        ),
    },
    seenBy: ['APPL_OPEN_1', 'APPL_OPEN_11'],
  },
  {
    title: 'serves whatever context is asked for',
    sap: 16,
    defect: { out: replacing([0x08, 1, 12], [0x08, 1, 1]) },
    seenBy: ['APPL_OPEN_5'],
  },
  {
    title: 'takes any version of ACSE',
    sap: 16,
    defect: { out: replacing([0x80, 2, 2, 0x40], [0x80, 2, 2, 0x80]) },
    seenBy: ['APPL_OPEN_4'],
  },
  {
    title: 'does not say why the DLMS version is refused',
    sap: 16,
    defect: { back: replacing([0x0e, 1, 6, 1], [0x0e, 1, 6, 0]) },
    seenBy: ['APPL_OPEN_12'],
  },
  {
    title: 'agrees to every service',
    sap: 16,
    defect: { back: (octets) => (octets[8] === 0x61 ? withServices(octets) : octets) },
    seenBy: ['APPL_OPEN_13', 'APPL_OPEN_1'],
  },
  {
    title: 'takes a PDU size too small to answer in',
    sap: 16,
    defect: { out: replacing([0x00, 0x0b], [0x04, 0x00]) },
    seenBy: ['APPL_OPEN_14'],
  },
  {
    title: 'falls silent at titles and qualifiers',
    sap: 16,
    defect: {
      back: (octets, sent) =>
        [0xa2, 0xa3, 0xa4].some((tag) => sent.subarray(21, 23).includes(tag)) ? new Uint8Array(0) : octets,
    },
    seenBy: ['APPL_OPEN_6'],
  },
  {
    title: 'agrees to version 5 when a dedicated key comes in the clear',
    sap: 16,
    defect: {
      back: (octets, sent) => (sent.length > 50 ? replacing([0x08, 0, 6], [0x08, 0, 5])(octets) : octets),
    },
    seenBy: ['APPL_OPEN_9'],
  },
  {
    title: 'knows every user',
    sap: 16,
    target: { declared: { maxObjects: 10, userId: 5 } },
    defect: {},
    seenBy: ['APPL_OPEN_2'],
  },
  {
    title: 'takes a wrong password',
    sap: 32,
    defect: {
      out: (octets) =>
        replacing([...password.subarray(0, -1), (password.at(-1) as number) ^ 1], [...password])(octets),
    },
    seenBy: ['APPL_OPEN_7'],
  },
  {
    title: 'sends the same challenge each time',
    sap: 6,
    defect: { constantChallenge: true },
    seenBy: ['APPL_OPEN_3'],
  },
  {
    title: 'answers any proof as right',
    sap: 6,
    defect: {
      back: (octets) =>
        toHex(octets).includes('C701C1FA00')
          ? wrapped(octets, `C701C100010009 10${'00'.repeat(16)}`)
          : octets,
    },
    seenBy: ['APPL_OPEN_3'],
  },
  {
    title: 'answers with another invoke id',
    sap: 16,
    defect: {
      back: (octets) =>
        octets[8] === 0xc4 ? octets.map((octet, i) => (i === 10 ? octet ^ 2 : octet)) : octets,
    },
    seenBy: ['APPL_DATA_LN_N1', 'APPL_OPEN_1'],
  },
  {
    title: 'gives data for objects that it does not have',
    sap: 16,
    defect: { device: generous },
    seenBy: ['APPL_DATA_LN_N1'],
  },
  {
    title: 'says that every SET was done',
    sap: 16,
    defect: {
      back: (octets) => (octets[8] === 0xc5 ? octets.map((octet, i) => (i === 11 ? 0 : octet)) : octets),
    },
    seenBy: ['APPL_DATA_LN_N3'],
  },
  {
    title: 'says that every ACTION was done',
    sap: 16,
    defect: {
      back: (octets) => (octets[8] === 0xc7 ? octets.map((octet, i) => (i === 11 ? 0 : octet)) : octets),
    },
    seenBy: ['APPL_DATA_LN_N4'],
  },
  {
    title: 'gives data for names that it does not have',
    sap: 16,
    target: sn,
    defect: {
      back: (octets) => (octets[8] === 0x0c && octets[10] === 1 ? wrapped(octets, '0C01001101') : octets),
    },
    seenBy: ['APPL_DATA_SN_N1'],
  },
  {
    title: 'says that every Write was done',
    sap: 16,
    target: sn,
    defect: { back: (octets) => (octets[8] === 0x0d ? wrapped(octets, '0D0100') : octets) },
    seenBy: ['APPL_DATA_SN_N2'],
  },
  {
    title: 'answers a GET where names are short',
    sap: 16,
    target: sn,
    defect: { back: (octets, sent) => (sent[8] === 0xc0 ? wrapped(octets, 'C401C1001101') : octets) },
    seenBy: ['APPL_DATA_SN_N3'],
  },
  {
    title: 'shows a secret that nobody may read',
    sap: 16,
    defect: {
      device: (device) => ({
        ...device,
        get: (reference, client) =>
          reference.classId === 15 && reference.attribute === 7
            ? { ok: true, encoded: encodeData({ type: 'octet-string', value: password }) }
            : device.get(reference, client),
      }),
    },
    seenBy: ['COSEM_X_Y'],
  },
  {
    title: 'gives another type than the class lays down',
    sap: 16,
    defect: {
      device: (device) => ({
        ...device,
        get: (reference, client) =>
          reference.classId === 15 && reference.attribute === 8
            ? { ok: true, encoded: encodeData({ type: 'unsigned', value: 2 }) }
            : device.get(reference, client),
      }),
    },
    seenBy: ['COSEM_X_Y', 'COSEM_MANDATORY_OBJECTS'],
  },
  {
    title: 'mixes up what was asked for together',
    sap: 16,
    defect: {
      back: (octets) =>
        octets[8] === 0xc4 && octets[9] === 3
          ? octets.map((octet, i) => (i === octets.length - 3 ? octet ^ 1 : octet))
          : octets,
    },
    seenBy: ['COSEM_MULTIPLE_REFERENCES'],
  },
  {
    title: 'answers an APDU before it is whole',
    sap: 16,
    defect: {
      out: (octets) =>
        octets.length === 11 ? wrap(Uint8Array.of(0x62, 0), { source: 16, destination: 1 }) : octets,
    },
    seenBy: ['WRAPPER_P1'],
  },
  {
    title: 'does not look at version and length of the wrapper',
    sap: 16,
    defect: {
      out: (octets) =>
        Uint8Array.of(
          0,
          1,
          ...octets.subarray(2, 6),
          (octets.length - 8) >> 8,
          (octets.length - 8) & 0xff,
          ...octets.subarray(8),
        ),
    },
    seenBy: ['WRAPPER_N1'],
  },
  {
    title: 'answers for every logical device',
    sap: 16,
    defect: { out: (octets) => octets.map((octet, i) => (i === 5 && octet === 0x7e ? 1 : octet)) },
    seenBy: ['WRAPPER_N2'],
  },
  {
    title: 'answers a replay',
    sap: 2,
    defect: { device: withPolicy((policy) => ({ ...policy, replay: { accept: () => true } })) },
    seenBy: ['SYMSEC_0_FraCount_1'],
  },
  {
    title: 'seals twice under one counter',
    sap: 2,
    defect: { device: (device) => ({ ...device, counter: () => ({ next: () => 7 }) }) },
    seenBy: ['SYMSEC_0_FraCount_3'],
  },
  {
    title: 'serves a ciphered client in the clear',
    sap: 2,
    defect: { device: withPolicy((policy) => ({ ...policy, protection: 'none' })) },
    seenBy: ['SYMSEC_0_SecDataX_N1', 'SYMSEC_REL_N1'],
  },
  {
    title: 'answers with a wrong authentication tag',
    sap: 2,
    defect: {
      back: (octets) =>
        octets[8] === 0xcc ? octets.map((octet, i) => (i === octets.length - 1 ? octet ^ 1 : octet)) : octets,
    },
    seenBy: ['SYMSEC_0_BasicCap_1', 'SYMSEC_0_SecDataX_P1'],
  },
  {
    title: 'answers ded- APDUs with whatever it has',
    sap: 2,
    defect: {
      back: (octets, sent) => (sent[8] === 0xd0 && octets[8] === 0xd8 ? wrapped(octets, 'D401C1') : octets),
    },
    seenBy: ['SYMSEC_0_DedKey_N1'],
  },
  {
    title: 'says that keys were transferred, and keeps its own',
    ...setupDefect({ keeps: () => [] }),
    seenBy: keyTransfers,
  },
  {
    title: 'takes the first key of a transfer alone',
    ...setupDefect({ keeps: (updates) => updates.slice(0, 1) }),
    seenBy: ['SYMSEC_0_Key_Tx_P3'],
  },
  {
    title: 'takes any key id for that of the encryption key, and any key for wrapped',
    ...setupDefect({ unwraps: unchecked(keys.ek.map((octet, i) => (i === 15 ? octet ^ 1 : octet))) }),
    seenBy: ['SYMSEC_0_Key_Tx_N1', 'SYMSEC_0_Key_Tx_N2'],
  },
  {
    title: 'takes keys from anybody',
    ...setupDefect({ servesAnyone: true }),
    seenBy: ['SYMSEC_0_Key_Tx_N2'],
  },
  {
    title: 'shows a policy that does not hold',
    ...setupDefect({ forgetsPolicy: true }),
    seenBy: ['SYMSEC_0_SecPol_1', 'SYMSEC_0_SecPol_2', 'SYMSEC_0_SecPol_3'],
  },
  {
    title: 'lets a policy be taken back',
    ...setupDefect({ weakens: true }),
    seenBy: ['SYMSEC_0_SecPol_1', 'SYMSEC_0_SecPol_2', 'SYMSEC_0_SecPol_3'],
  },
  {
    title: 'says that a ciphered SET was not done',
    ...setupDefect({}),
    defect: { device: (device) => ({ ...device, set: () => 'read-write-denied' }) },
    seenBy: ['SYMSEC_0_SecDataX_P1'],
  },
];

/** An APDU in the wrapper of another answer. */
function wrapped(octets: Uint8Array, hex: string): Uint8Array {
  const apdu = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return Uint8Array.of(...octets.subarray(0, 6), apdu.length >> 8, apdu.length & 0xff, ...apdu);
}

/** An AARE with every bit of the negotiated conformance set. */
function withServices(octets: Uint8Array): Uint8Array {
  const at = Buffer.from(octets).indexOf(Uint8Array.of(0x5f, 0x1f, 4, 0));
  return at < 0 ? octets : octets.map((octet, i) => (i > at + 3 && i < at + 7 ? 0xff : octet));
}
