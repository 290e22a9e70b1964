/** G3-PLC MAC setup, class 91 (Blue Book 4.13.4): parameters of the MAC (ITU-T G.9903). */

import { type ActionOutcome, type Data, encodeData } from '@wattline/protocols/dlms';
import {
  type ArrayType,
  arrayOf,
  boolean,
  dataOf,
  doubleLongUnsigned,
  enumerationTo,
  integer,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import { elementsIn, numberIn } from '../fields.ts';
import { type InterfaceClass, managed, writable } from '../interface-class.ts';
import { reported, setting, settingOf, type WithSettings } from '../settings.ts';

const neighbours = arrayOf(
  structure({
    short_address: longUnsigned(),
    payload_modulation_scheme: boolean,
    tone_map: { kind: 'bit-string', least: 0, most: 64 },
    modulation: enumerationTo(3),
    tx_gain: integer(),
    tx_res: enumerationTo(1),
    tx_coeff: { kind: 'bit-string', least: 0, most: 64 },
    lqi: unsigned(),
    phase_differential: integer(),
    TMR_valid_time: unsigned(),
    neighbour_valid_time: unsigned(),
  }),
);
const positions = arrayOf(
  structure({ short_address: longUnsigned(), LQI: unsigned(), POS_valid_time: unsigned() }),
);

export const g3PlcMacSetup: InterfaceClass<WithSettings> = {
  classId: 91,
  version: 3,
  name: 'G3-PLC MAC setup',
  section: '4.13.4',
  attributes: {
    2: setting('mac_short_address', longUnsigned(), { initial: dataOf.number('long-unsigned', 0xffff) }),
    3: setting('mac_RC_coord', longUnsigned()),
    4: setting('mac_PAN_id', longUnsigned(), { initial: dataOf.number('long-unsigned', 0xffff) }),
    5: setting('mac_key_table', arrayOf(structure({ key_id: unsigned(0, 1), key: octets(16) }), 2), {
      access: writable,
    }),
    6: reported('mac_frame_counter', doubleLongUnsigned()),
    7: setting('mac_tone_mask', { kind: 'bit-string', least: 0, most: 128 }),
    8: setting('mac_TMR_TTL', unsigned()),
    9: setting('mac_max_frame_retries', unsigned(0, 10)),
    10: setting('mac_neighbour_table_entry_TTL', unsigned()),
    11: reported('mac_neighbour_table', neighbours),
    12: setting('mac_high_priority_window_size', unsigned(1, 7)),
    13: setting('mac_CSMA_fairness_limit', unsigned()),
    14: setting('mac_beacon_randomization_window_length', unsigned(1, 254)),
    15: setting('mac_A', unsigned(3, 20)),
    16: setting('mac_K', unsigned(1)),
    17: setting('mac_min_CW_attempts', unsigned()),
    18: setting('mac_cenelec_legacy_mode', unsigned(0, 1)),
    19: setting('mac_FCC_legacy_mode', unsigned(0, 1)),
    20: setting('mac_max_BE', unsigned(0, 20)),
    21: setting('mac_max_CSMA_backoffs', unsigned()),
    22: setting('mac_min_BE', unsigned(0, 20)),
    23: setting('mac_broadcast_max_CW_enabled', boolean),
    24: setting('mac_transmit_atten', unsigned(0, 25)),
    25: reported('mac_POS_table', positions),
    26: setting('mac_duplicate_detection_TTL', unsigned()),
  },
  methods: {
    1: {
      name: 'mac_get_neighbour_table_entry',
      clients: managed,
      parameter: longUnsigned(),
      invoke: (source, address) => entryOf(source, { attribute: 11, table: neighbours, address }),
    },
    2: {
      name: 'mac_get_POS_table_entry',
      clients: managed,
      parameter: longUnsigned(),
      invoke: (source, address) => entryOf(source, { attribute: 25, table: positions, address }),
    },
  },
  recalled: 'fields of the tables, ranges',
};

/** The entry of an address in a table, alone in an array as the method has it; none is an empty array. */
function entryOf(
  { settings }: WithSettings,
  of: { readonly attribute: number; readonly table: ArrayType; readonly address: Data | undefined },
): ActionOutcome {
  const rows = elementsIn(settingOf(settings, of.attribute, of.table));
  const value = rows.filter((row) => numberIn(elementsIn(row)[0]) === numberIn(of.address));
  return { result: 'success', encoded: encodeData({ type: 'array', value }) };
}
