/** What the town's process is told: one JSON object on its command line. */
import { type ClockAnchor, CodedError } from '@wattline/base';
import type { Tariff } from '@wattline/model';
import { type WorldFault, worldFaults } from '../world/world.ts';

/** Options of the town. The same seed, start, meters, zone, interval and load always give the same town. */
export interface TownProcessOptions {
  readonly seed: string;
  /** Start of the world, UTC ms; usually a local midnight. */
  readonly startMs: number;
  /** History reaches at least to here; the present of `anchor` when left out. */
  readonly nowMs?: number;
  readonly meters: number;
  /** IANA zone. */
  readonly zone: string;
  /** 900, 1800 or 3600. */
  readonly intervalSeconds: number;
  /** Real-load file, null for the model. */
  readonly load: string | null;
  /** What goes wrong; all that can when left out. */
  readonly faults?: readonly WorldFault[];
  /** Folder of the shipment files and of the meters' non-volatile memory; made when missing. */
  readonly directory: string;
  /** Where meters push; port 0: they do not. */
  readonly pushHost: string;
  readonly pushPort: number;
  /** The town's clock, shared with the head-end. */
  readonly anchor: ClockAnchor;
  /** Port of the first meter, the others follow; 0: the system chooses. */
  readonly basePort: number;
  /** Every tariff that premises may have, by id; meters run their calendars. */
  readonly tariffs: readonly Tariff[];
}

type Kind =
  | 'text'
  | 'path'
  | 'whole'
  | 'port'
  | 'anchor'
  | 'tariffs'
  | 'optional-whole'
  | 'optional-text'
  | 'faults';

const fields = {
  seed: 'text',
  startMs: 'whole',
  nowMs: 'optional-whole',
  meters: 'whole',
  zone: 'text',
  intervalSeconds: 'whole',
  load: 'optional-text',
  faults: 'faults',
  directory: 'path',
  pushHost: 'text',
  pushPort: 'port',
  anchor: 'anchor',
  basePort: 'port',
  tariffs: 'tariffs',
} as const satisfies Record<keyof TownProcessOptions, Kind>;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isWhole = (value: unknown) => Number.isSafeInteger(value);

const kinds: Readonly<Record<Kind, { readonly expected: string; is(value: unknown): boolean }>> = {
  text: { expected: 'a text', is: isText },
  path: { expected: 'a path', is: isText },
  whole: { expected: 'a whole number', is: isWhole },
  port: {
    expected: 'a port, 0 to 65535',
    is: (value) => isWhole(value) && Number(value) >= 0 && Number(value) < 65_536,
  },
  'optional-whole': {
    expected: 'a whole number or nothing',
    is: (value) => value === undefined || isWhole(value),
  },
  'optional-text': { expected: 'a path or null', is: (value) => value === null || isText(value) },
  faults: {
    expected: `a list of ${worldFaults.join(', ')} or nothing`,
    is: (value) =>
      value === undefined ||
      (Array.isArray(value) && value.every((name) => (worldFaults as readonly unknown[]).includes(name))),
  },
  anchor: {
    expected: 'an object of townMs, wallMs and speed above 0',
    is: (value) => {
      const { townMs, wallMs, speed } = (value ?? {}) as Partial<ClockAnchor>;
      return (
        Number.isFinite(townMs) && Number.isFinite(wallMs) && Number.isFinite(speed) && Number(speed) > 0
      );
    },
  },
  tariffs: {
    expected: 'a list of tariffs with calendars',
    is: (value) =>
      Array.isArray(value) &&
      value.every((tariff: Partial<Tariff> | null) => isText(tariff?.id) && Array.isArray(tariff.calendar)),
  },
};

/**
 * The options of a JSON text.
 * @throws CodedError `sim/bad-option` with the field and what was expected.
 */
export function parseTownOptions(text: string | undefined): TownProcessOptions {
  const refuse = (field: string, expected: string) => {
    throw new CodedError('sim/bad-option', `--options, ${field}: expected ${expected}`, { field });
  };
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    refuse('all of it', 'a JSON object');
  }
  const options = (value ?? {}) as Record<string, unknown>;
  for (const [field, kind] of Object.entries(fields)) {
    if (!kinds[kind].is(options[field])) refuse(field, kinds[kind].expected);
  }
  for (const field of Object.keys(options)) {
    if (!Object.hasOwn(fields, field)) refuse(field, `one of ${Object.keys(fields).join(', ')}`);
  }
  return options as unknown as TownProcessOptions;
}
