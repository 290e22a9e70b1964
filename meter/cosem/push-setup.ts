/** Push setup, class 40 (Blue Book 4.4.8): what is pushed, where to, when and how often. */
import { type ActionOutcome, type DataAccessResult, decodeData } from '@wattline/protocols/dlms';
import {
  arrayOf,
  dateTime,
  enumeration,
  longUnsigned,
  octets,
  structure,
  trigger,
  unsigned,
} from './data-type.ts';
import { numberIn, obisIn, rowsIn } from './fields.ts';
import { type InterfaceClass, managed, settable } from './interface-class.ts';
import { captureObject } from './profile-generic.ts';
import { setting, type WithSettings } from './settings.ts';

/** An attribute that is pushed. */
export interface PushObject {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

/** A push setup. */
export interface PushSetupSource extends WithSettings {
  readonly objects: readonly PushObject[];
  /** `host:port`; empty when the meter does not push. */
  readonly destination: string;
  /** Pushes what the attributes named hold now. */
  push(objects: readonly PushObject[]): ActionOutcome['result'];
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
      type: arrayOf(captureObject),
      access: settable,
      read(source, { writer, attribute }) {
        const set = source.settings.read(attribute);
        if (set) return void writer.raw(set);
        writer.array(source.objects.length);
        for (const { classId, obis, attribute: pushed } of source.objects) {
          writer.structure(4).longUnsigned(classId).obis(obis).integer(pushed).longUnsigned(0);
        }
      },
      write: hold,
    },
    3: {
      name: 'send_destination_and_method',
      type: structure({ transport_service: enumeration(), destination: octets(), message: enumeration() }),
      access: settable,
      read(source, { writer, attribute }) {
        const set = source.settings.read(attribute);
        if (set) return void writer.raw(set);
        const destination = Buffer.from(source.destination, 'utf8');
        writer.structure(3).enumerate(overTcp).octetString(destination).enumerate(asXdlms);
      },
      write: hold,
    },
    // Empty: it may push at any time.
    4: setting('communication_window', arrayOf(structure({ start_time: dateTime, end_time: dateTime }))),
    5: setting('randomisation_start_interval', longUnsigned()),
    6: setting('number_of_retries', unsigned()),
    7: setting('repetition_delay', longUnsigned()),
  },
  methods: {
    1: {
      name: 'push',
      clients: managed,
      parameter: trigger,
      invoke: (source) => ({ result: source.push(pushedObjects(source)) }),
    },
  },
};

const objectListAttribute = 2;

/** The list that was set, or the one it came with. */
function pushedObjects({ settings, objects }: PushSetupSource): readonly PushObject[] {
  const set = settings.read(objectListAttribute);
  const decoded = set && decodeData(set);
  if (!decoded?.ok) return objects;
  return rowsIn(decoded.value.value).map(([classId, obis, attribute]) => ({
    classId: numberIn(classId),
    obis: obisIn(obis),
    attribute: numberIn(attribute),
  }));
}

function hold(
  { settings }: WithSettings,
  value: Parameters<WithSettings['settings']['write']>[1],
  { attribute }: { readonly attribute: number },
): DataAccessResult {
  settings.write(attribute, value);
  return 'success';
}
