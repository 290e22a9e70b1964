/** What a command says besides its name, field by field as people sign it; a command takes its own fields and no others. */
import type { SignedManifest } from '../campaign/manifest.ts';
import type { Command } from './darkening.ts';
import { hasShape, isCount, isCountTo, isListOf, isRecord, isText, type Shape } from './shape.ts';

/** Keys of a meter that can be changed; always in this order, the one that wraps the others last. */
export const keyNames = ['reader', 'management', 'master'] as const;
export type KeyName = (typeof keyNames)[number];

/** An image, and who signed for it: somebody enrolled with the role `maker`. */
export interface FirmwareParameters extends SignedManifest {
  readonly maker: string;
}

/** A calendar of rates (Blue Book 4.5.5); it can name no script but those of the rates. */
export interface RateCalendar {
  readonly name: string;
  /** The week that runs from a day of the year on; without month and day always. */
  readonly seasons: readonly {
    readonly name: string;
    readonly month?: number;
    readonly day?: number;
    readonly week: string;
  }[];
  /** `day_id` of Monday to Sunday. */
  readonly weeks: readonly { readonly name: string; readonly days: readonly number[] }[];
  readonly days: readonly {
    readonly id: number;
    readonly switches: readonly { readonly minute: number; readonly rate: number }[];
  }[];
}

/** Parameters by command; commands that are not named take none. */
export interface CommandParameters {
  readonly 'key-change': { readonly of: readonly KeyName[] };
  readonly 'firmware-transfer': FirmwareParameters;
  readonly 'firmware-activation': FirmwareParameters;
  readonly 'tariff-activation': { readonly calendar: RateCalendar };
  /** Seconds of load profile 1. */
  readonly 'capture-period': { readonly seconds: number };
  readonly 'push-setup': {
    /** `host:port` as the make takes it. */
    readonly destination: string;
    readonly randomisationS?: number;
    readonly retries?: number;
    readonly repetitionS?: number;
  };
  readonly 'display-text': { readonly text: string };
  readonly 'demand-response': {
    /** 0 nothing special, 1 save, 2 save what can be saved, 3 emergency. */
    readonly level: number;
    readonly fromMs: number;
    readonly minutes: number;
  };
}

/** A command that takes parameters. */
export type ParameterCommand = keyof CommandParameters;

const manifest: Shape = {
  image: isText,
  version: isText,
  hardware: isListOf(isText, 64),
  octets: isCount,
  digest: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
};
const firmware: Shape = { manifest: hasShape(manifest), signature: isText, maker: isText };

/** Names of calendars, seasons and weeks are octet strings; one printable character is one octet. */
const isName = (value: unknown) => typeof value === 'string' && /^[\x20-\x7e]{1,32}$/.test(value);
const optional = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);
const calendar: Shape = {
  name: isName,
  seasons: isListOf(
    hasShape({
      name: isName,
      month: optional((value) => isCountTo(value, 12) && value >= 1),
      day: optional((value) => isCountTo(value, 31) && value >= 1),
      week: isName,
    }),
    24,
  ),
  weeks: isListOf(
    hasShape({
      name: isName,
      days: (value) =>
        Array.isArray(value) && value.length === 7 && value.every((day) => isCountTo(day, 255)),
    }),
    24,
  ),
  days: isListOf(
    hasShape({
      id: (value) => isCountTo(value, 255),
      switches: isListOf(
        hasShape({
          minute: (value) => isCountTo(value, 1439),
          rate: (value) => isCountTo(value, 8) && value >= 1,
        }),
        24,
      ),
    }),
    64,
  ),
};

const shapes: { readonly [command in ParameterCommand]: Shape } = {
  'key-change': {
    of: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      // In the order of the table, each once.
      JSON.stringify(value) === JSON.stringify(keyNames.filter((name) => value.includes(name))),
  },
  'firmware-transfer': firmware,
  'firmware-activation': firmware,
  'tariff-activation': { calendar: (value) => hasShape(calendar)(value) && isWhole(value as RateCalendar) },
  'capture-period': { seconds: (value) => isCountTo(value, 86_400) && value >= 60 },
  'push-setup': {
    destination: (value) => typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value),
    randomisationS: optional((value) => isCountTo(value, 65_535)),
    retries: optional((value) => isCountTo(value, 255)),
    repetitionS: optional((value) => isCountTo(value, 65_535)),
  },
  'display-text': { text: isText },
  'demand-response': {
    level: (value) => isCountTo(value, 3),
    fromMs: isCount,
    minutes: (value) => isCountTo(value, 1440),
  },
};

/** Whether a value is an image's manifest with its signature and who signed. */
export function isFirmware(value: unknown): value is FirmwareParameters {
  return isRecord(value) && hasShape(firmware)(value);
}

/** Whether a value is what a command takes. */
export function isParameters(command: Command, value: unknown): boolean {
  const shape = (shapes as Readonly<Partial<Record<Command, Shape>>>)[command];
  return shape ? isRecord(value) && hasShape(shape)(value) : value === undefined;
}

/** Every week and day that is named is there. */
function isWhole({ seasons, weeks, days }: RateCalendar): boolean {
  const known = new Set(weeks.map(({ name }) => name));
  const ids = new Set(days.map(({ id }) => id));
  return (
    seasons.length > 0 &&
    seasons.every(({ week }) => known.has(week)) &&
    weeks.every((week) => week.days.every((id) => ids.has(id)))
  );
}
