/** CoAP diagnostic, class 153 (Blue Book 4.9.9): counts of CoAP messages. */
import { dateTime, doubleLongUnsigned, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const coapDiagnostic: InterfaceClass<WithSettings> = {
  classId: 153,
  version: 0,
  name: 'CoAP diagnostic',
  section: '4.9.9',
  attributes: {
    2: reported(
      'messages_counter',
      structure({
        tx: doubleLongUnsigned(),
        rx: doubleLongUnsigned(),
        tx_resend: doubleLongUnsigned(),
        tx_reset: doubleLongUnsigned(),
        rx_reset: doubleLongUnsigned(),
        tx_ack: doubleLongUnsigned(),
        rx_ack: doubleLongUnsigned(),
        rx_drop: doubleLongUnsigned(),
        tx_non_piggybacked: doubleLongUnsigned(),
        max_rtx_exceeded: doubleLongUnsigned(),
      }),
    ),
    3: reported(
      'request_response_counter',
      structure({
        rx_requests: doubleLongUnsigned(),
        tx_requests: doubleLongUnsigned(),
        rx_response: doubleLongUnsigned(),
        tx_response: doubleLongUnsigned(),
        tx_client_error: doubleLongUnsigned(),
        rx_client_error: doubleLongUnsigned(),
        tx_server_error: doubleLongUnsigned(),
        rx_server_error: doubleLongUnsigned(),
      }),
    ),
    4: reported(
      'bt_counter',
      structure({
        started: doubleLongUnsigned(),
        completed: doubleLongUnsigned(),
        timeout: doubleLongUnsigned(),
      }),
    ),
    5: reported('capture_time', structure({ attribute_id: unsigned(), timestamp: dateTime })),
  },
  methods: {
    1: resetting('reset', [2, 3, 4]),
  },
};
