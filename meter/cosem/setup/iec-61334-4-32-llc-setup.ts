/** IEC 61334-4-32 LLC setup, class 55 (Blue Book 4.10.7): the logical link of the power line. */
import { arrayOf, dataOf, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

export const iec61334432LlcSetup: InterfaceClass<WithSettings> = {
  classId: 55,
  version: 1,
  name: 'IEC 61334-4-32 LLC setup',
  section: '4.10.7',
  attributes: {
    2: setting('max_frame_length', unsigned(26, 242), { initial: dataOf.number('unsigned', 134) }),
    3: reported(
      'reply_status_list',
      arrayOf(structure({ L_SAP_selector: unsigned(), length_of_waiting_L_SDU: unsigned() })),
    ),
  },
  methods: {},
  recalled: 'attribute 3',
};
