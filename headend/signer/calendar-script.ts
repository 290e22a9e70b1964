/**
 * A calendar of rates (Blue Book 4.5.5): the passive one is written, read back octet for octet, activated, and the active one read. The days
 * can run nothing but the scripts of the rates, so that no calendar of ours works a relay.
 */
import { concatBytes } from '@wattline/base';
import { type Data, parseObis } from '@wattline/protocols/dlms';
import { parametersOf } from '../guard/batch.ts';
import type { RateCalendar } from '../guard/parameters.ts';
import {
  type AttributeValues,
  act,
  nothingDone,
  proved,
  readBack,
  type Script,
  type ScriptTask,
  unproved,
  writeAndReadBack,
} from './script.ts';

/** Tariffication script table; the number of a script is its rate. */
const rateScripts = parseObis('0.0.10.0.100.255');
const open = 0xff;
/** Attributes of the passive calendar, and of the active one in the same order. */
const passive = [6, 7, 8, 9] as const;
const active = [2, 3, 4, 5] as const;

export function* calendarScript({ batch, objects, wasSealed }: ScriptTask): Script {
  const { calendar } = parametersOf(batch, 'tariff-activation');
  const object = { classId: 20, obis: objects.activityCalendar };
  const tables = tablesOf(calendar);
  const result = `calendar ${calendar.name} active`;
  const isThere = (yield* readBack(object, valuesOf(active, tables))) === undefined;
  if (isThere) return { isDone: true, isSwitched: wasSealed, result };
  const wrong = yield* writeAndReadBack(object, valuesOf(passive, tables));
  // Nothing runs by a passive calendar.
  if (wrong !== undefined) return nothingDone(wrong);
  const answer = yield* act({ ...object, method: 1 }, { type: 'integer', value: 0 });
  const unlike = yield* readBack(object, valuesOf(active, tables));
  if (unlike === undefined) return proved(result);
  // A meter may take the calendar over at the next turn of its own clock.
  const waiting = unproved(`${unlike}, after ${answer}`);
  return answer === 'success' ? { ...waiting, more: 'later' } : waiting;
}

function valuesOf(attributes: readonly number[], tables: readonly Data[]): AttributeValues {
  return attributes.map((attribute, i) => [attribute, tables[i] as Data]);
}

function tablesOf({ name, seasons, weeks, days }: RateCalendar): readonly Data[] {
  return [
    octets(name),
    array(seasons.map((season) => structure(octets(season.name), startOf(season), octets(season.week)))),
    array(weeks.map((week) => structure(octets(week.name), ...week.days.map(unsigned)))),
    array(
      days.map(({ id, switches }) =>
        structure(
          unsigned(id),
          array(
            switches.map(({ minute, rate }) =>
              structure(
                { type: 'octet-string', value: Uint8Array.of(Math.floor(minute / 60), minute % 60, 0, 0) },
                { type: 'octet-string', value: rateScripts },
                { type: 'long-unsigned', value: rate },
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** Twelve octets of date-time, any year and any time; without month and day the season is always. */
function startOf({ month = open, day = open }: RateCalendar['seasons'][number]): Data {
  const date = Uint8Array.of(open, open, month, day, open);
  const time = Uint8Array.of(open, open, open, open, 0x80, 0, open);
  return { type: 'octet-string', value: concatBytes(date, time) };
}

const octets = (text: string): Data => ({ type: 'octet-string', value: Buffer.from(text, 'latin1') });
const unsigned = (value: number): Data => ({ type: 'unsigned', value });
const array = (value: readonly Data[]): Data => ({ type: 'array', value: [...value] });
const structure = (...value: Data[]): Data => ({ type: 'structure', value });
