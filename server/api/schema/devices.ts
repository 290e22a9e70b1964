/** Schemas of what the registry holds of a meter. */
import {
  flag,
  instant,
  integer,
  listOf,
  named,
  nullable,
  oneOf,
  record,
  type Schema,
  text,
} from './parts.ts';

const held = {
  from: nullable(instant('From when; null for what only its profile says.')),
  until: nullable(instant('Until when; null while it holds.')),
};
const toldBy = { toldBy: oneOf('Who says so.', ['meter', 'profile']) };
const sap = (whose: string) => integer(`Service access point of the ${whose}.`);
const partners = { clientSap: sap('client'), serverSap: sap('server') };
const mechanism = { mechanism: text('Authentication mechanism.') };
const objects = nullable(
  integer('Objects its client may know of; null where the meter tells only that client.'),
);
const obis = text('Logical name of its Association LN object.');
const context = text('Application context; `unknown` when the meter did not tell.');

export const deviceSchemas: Readonly<Record<string, Schema>> = {
  Device: record(
    {
      serial: text('Serial number.'),
      usagePointId: text('Where it stands.'),
      make: text('Who made it.'),
      model: nullable(text('Type designation of its maker.')),
      profile: text('Companion profile.'),
      systemTitle: text('16 hexadecimal digits.'),
      intervalSeconds: integer('Capture period, s.'),
      installed: instant('When it came to its point.'),
      removed: nullable(instant('When it was taken away; null while it stands.')),
      firmware: listOf(
        record({
          ...{ version: text('Active firmware identifier.') },
          ...{ toldBy: oneOf('Who says so.', ['meter', 'campaign']), ...held },
        }),
      ),
      routes: listOf(named('MeterRoute')),
      logicalDevices: listOf(record({ sap: sap('server'), name: text('Name.'), ...toldBy, ...held })),
      associations: listOf(
        record({ ...partners, ...mechanism, context: nullable(context), objects, ...toldBy, ...held }),
      ),
      keys: listOf(
        record({
          client: text('Whose keys.'),
          toldBy: oneOf('How they came.', ['shipment', 'change']),
          ...held,
        }),
        'Since when keys hold; never a key.',
      ),
      isKeyChanging: flag('Whether other keys of the reader are on their way.'),
    },
    'What the registry holds of a meter.',
  ),
  DeviceModel: record(
    {
      make: text('Who made it.'),
      model: nullable(text('Type designation of its maker.')),
      profile: text('Companion profile.'),
      meters: integer('Meters that stand.'),
      firmware: {
        type: 'object',
        additionalProperties: integer('Meters.'),
        description: 'Meters by active firmware; `unknown` those that never told.',
      },
      logicalDevices: listOf(record({ sap: sap('server'), what: text('What it is.') })),
      associations: listOf(record({ ...partners, ...mechanism, what: text('What it is.') })),
      readingTypes: listOf(text('Reading type that its load profile and registers give.')),
    },
    'A make and model, and what its companion profile says of it.',
  ),
  Discovery: record({
    objects: listOf(text('`<class>/<logical name>`.')),
    fits: listOf(text('Companion profile.'), 'The best first.'),
    logicalDevices: listOf(record({ sap: sap('server'), name: text('Name.') })),
    associations: listOf(record({ obis, ...partners, context, ...mechanism, objects })),
    firmware: nullable(text('Active firmware identifier; null when the reader may not see it.')),
  }),
};
