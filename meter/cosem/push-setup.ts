/** Push setup, class 40 (Blue Book 4.4.8): what the push of a power failure holds and where it goes; read-only. */
import { type InterfaceClass, readable } from './interface-class.ts';

/** An attribute that is pushed. */
export interface PushObject {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

/** A push setup. */
export interface PushSetupSource {
  readonly objects: readonly PushObject[];
  /** `host:port`; empty when the meter does not push. */
  readonly destination: string;
}

/** transport_service: TCP; message: A-XDR encoded xDLMS APDU. */
const overTcp = 0;
const asXdlms = 0;

export const pushSetup: InterfaceClass<PushSetupSource> = {
  classId: 40,
  version: 0,
  name: 'Push setup',
  section: '4.4.8',
  attributes: {
    2: {
      name: 'push_object_list',
      access: readable,
      read({ objects }, { writer }) {
        writer.array(objects.length);
        for (const { classId, obis, attribute } of objects) {
          writer.structure(4).longUnsigned(classId).obis(obis).integer(attribute).longUnsigned(0);
        }
      },
    },
    3: {
      name: 'send_destination_and_method',
      access: readable,
      read: ({ destination }, { writer }) =>
        void writer
          .structure(3)
          .enumerate(overTcp)
          .octetString(Buffer.from(destination, 'utf8'))
          .enumerate(asXdlms),
    },
    // Empty: it may push at any time.
    4: { name: 'communication_window', access: readable, read: (_, { writer }) => void writer.array(0) },
    5: {
      name: 'randomisation_start_interval',
      access: readable,
      read: (_, { writer }) => void writer.longUnsigned(0),
    },
    6: { name: 'number_of_retries', access: readable, read: (_, { writer }) => void writer.unsigned(0) },
    7: { name: 'repetition_delay', access: readable, read: (_, { writer }) => void writer.longUnsigned(0) },
  },
  methods: { 1: { name: 'push', clients: [] } },
};
