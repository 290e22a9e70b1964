/** Compact data, class 62 (Blue Book 4.3.10): captured values as octets alone; their types stand once in a template. */
import { type AttributeDescriptor, AxdrWriter, type Data, encodeData } from '@wattline/protocols/dlms';
import { arrayOf, dataOf, enumeration, octets, trigger, unsigned } from './data-type.ts';
import { numberIn, obisIn, octetsIn, rowsIn } from './fields.ts';
import { type InterfaceClass, managed, readable, settable } from './interface-class.ts';
import { captureObject } from './profile-generic.ts';
import { reported, type Settings, setting, settingOf, type WithSettings } from './settings.ts';

/** The buffer behind the object. */
export interface CompactDataSource extends WithSettings {
  valueAt(reference: AttributeDescriptor): Data | undefined;
}

const attribute = { buffer: 2, objects: 3, template: 4, method: 6 } as const;
const onInvoke = 0;
const onRead = 1;
const objectList = arrayOf(captureObject);
const mostOctets = 2048;
const bufferType = octets(0, mostOctets);

export const compactData: InterfaceClass<CompactDataSource> = {
  classId: 62,
  version: 0,
  name: 'Compact data',
  section: '4.3.10',
  attributes: {
    2: {
      ...reported('compact_buffer', bufferType),
      read(source, { writer }) {
        const isImplicit = numberIn(settingOf(source.settings, attribute.method, enumeration())) === onRead;
        if (isImplicit) writer.octetString(captured(source).buffer);
        else writer.octetString(octetsIn(settingOf(source.settings, attribute.buffer, bufferType)));
      },
    },
    3: {
      ...setting('capture_objects', objectList),
      access: settable,
      // Another list is another template: what was captured by the old one is not readable by the new (Blue Book 4.3.10).
      write({ settings }, value) {
        settings.write(attribute.objects, value);
        settings.forget(attribute.buffer);
        return 'success';
      },
    },
    4: setting('template_id', unsigned()),
    5: {
      name: 'template_description',
      type: bufferType,
      access: readable,
      read: (source, { writer }) => void writer.octetString(captured(source).template),
    },
    6: setting('capture_method', enumeration(onInvoke, onRead)),
  },
  methods: {
    1: {
      name: 'reset',
      clients: managed,
      parameter: trigger,
      invoke({ settings }) {
        settings.forget(attribute.buffer);
        return { result: 'success' };
      },
    },
    2: {
      name: 'capture',
      clients: managed,
      parameter: trigger,
      invoke(source) {
        const { buffer } = captured(source);
        if (buffer.length > mostOctets) return { result: 'other-reason' };
        source.settings.write(attribute.buffer, dataOf.octets(buffer));
        return { result: 'success' };
      },
    },
  },
  recalled: 'that template_id leads the buffer and the template',
};

const templateOf = (settings: Settings) => numberIn(settingOf(settings, attribute.template, unsigned()));

/** The values of now: octets without tags behind the template's number, and the tags behind the same number. */
function captured(source: CompactDataSource): { readonly buffer: Uint8Array; readonly template: Uint8Array } {
  const buffer = new AxdrWriter().u8(templateOf(source.settings));
  const template = new AxdrWriter().u8(templateOf(source.settings));
  const objects = rowsIn(settingOf(source.settings, attribute.objects, objectList));
  template.structure(objects.length);
  for (const [classId, name, index] of objects) {
    const value = source.valueAt({
      classId: numberIn(classId),
      obis: obisIn(name),
      attribute: numberIn(index),
    });
    writeApart(value ?? { type: 'null-data' }, buffer, template);
  }
  return { buffer: buffer.finish(), template: template.finish() };
}

/** Tags and counts of structures go to the template, values and lengths to the buffer. */
function writeApart(value: Data, buffer: AxdrWriter, template: AxdrWriter): void {
  if (value.type === 'structure') {
    template.structure(value.value.length);
    for (const field of value.value) writeApart(field, buffer, template);
    return;
  }
  const encoded = encodeData(value);
  template.raw(encoded.subarray(0, 1));
  buffer.raw(encoded.subarray(1));
}
