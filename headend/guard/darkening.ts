/** What can darken a home, as one table: commands, and the COSEM writes and methods behind them (Blue Book 4.3 to 4.6). */

/** Which way a command counts: it can darken, it can light, or it can do neither. */
export type Direction = 'dark' | 'light' | 'none';

/** Attributes written and methods called on the objects of a class; `all` is every one of them. */
export interface GuardedObject {
  readonly classId: number;
  /** Only objects whose OBIS code matches; all of the class when not given. */
  readonly obis?: RegExp;
  readonly attributes: readonly number[] | 'all';
  readonly methods: readonly number[] | 'all';
}

/** A row of the table. */
export interface DarkeningRow {
  readonly direction: Direction;
  readonly why: string;
  readonly objects: readonly GuardedObject[];
  /** `service`: work on a meter, which darkens only if it goes wrong; counted apart from switches, by limits of its own. */
  readonly account?: 'service';
  /** The request is that of another row: the same method, asked for in other circumstances. */
  readonly like?: string;
  /** People who sign though the direction is `none`. */
  readonly people?: 1;
  /** Nothing it can do, done or cut off in the middle, takes supply away: homes on life support are not left out. */
  readonly isLifeSupportSafe?: true;
}

/** The table. Rows are matched in order; what no row names can darken a home too (`unlisted`). */
export const darkening = {
  reconnect: {
    direction: 'light',
    why: 'remote_reconnect closes the supply switch: it lights a home, and in numbers it is a step of load',
    objects: [{ classId: 70, obis: /^0\.\d+\.96\.3\.10\.255$/, attributes: [], methods: [2] }],
  },
  arm: {
    direction: 'light',
    why: 'remote_reconnect in a control_mode that makes ready: whoever is at the meter then closes the switch by its button',
    like: 'reconnect',
    objects: [],
  },
  disconnect: {
    direction: 'dark',
    why: 'remote_disconnect opens the supply switch; control_mode decides who may close it again',
    objects: [{ classId: 70, obis: /^0\.\d+\.96\.3\.10\.255$/, attributes: 'all', methods: 'all' }],
  },
  relay: {
    direction: 'dark',
    why: 'other switches and the arbitrator that works them stand in the same circuit in many installations',
    objects: [
      { classId: 70, attributes: 'all', methods: 'all' },
      { classId: 68, attributes: 'all', methods: 'all' },
    ],
  },
  limiter: {
    direction: 'dark',
    why: 'a threshold near zero, or an emergency profile, opens the switch at the first load',
    objects: [{ classId: 71, attributes: 'all', methods: 'all' }],
  },
  'demand-reset': {
    direction: 'none',
    why: 'the reset script closes the demand and billing period; the signer reads the script first and runs none that does more',
    people: 1,
    objects: [{ classId: 9, obis: /^0\.\d+\.10\.0\.1\.255$/, attributes: [], methods: [1] }],
  },
  'load-limit-write': {
    direction: 'dark',
    why: 'a register monitor runs a script when its threshold is crossed',
    objects: [
      { classId: 21, attributes: 'all', methods: 'all' },
      { classId: 9, attributes: 'all', methods: 'all' },
      { classId: 22, attributes: 'all', methods: 'all' },
      { classId: 10, attributes: 'all', methods: 'all' },
    ],
  },
  'prepaid-cut-off': {
    direction: 'dark',
    why: 'account, credit, charge and token gateway decide when credit ends, and with it supply',
    objects: [111, 112, 113, 115].map((classId) => ({ classId, attributes: 'all', methods: 'all' }) as const),
  },
  'firmware-transfer': {
    direction: 'none',
    why: 'an image that lies in a meter runs only once it is activated; the signer sends none that no enrolled maker signed',
    objects: [{ classId: 18, attributes: [5], methods: [1, 2, 3] }],
  },
  'firmware-activation': {
    direction: 'dark',
    account: 'service',
    why: 'an image that does not start leaves the meter without its switch',
    objects: [{ classId: 18, attributes: 'all', methods: 'all' }],
  },
  'key-change': {
    direction: 'dark',
    account: 'service',
    // The signer draws the keys and keeps both until one is proved: what is cut off half way is gone on with.
    isLifeSupportSafe: true,
    why: 'a key nobody knows makes the switch unreachable; a key somebody else knows is the switch',
    objects: [64, 15, 12, 30].map((classId) => ({ classId, attributes: 'all', methods: 'all' }) as const),
  },
  'tariff-activation': {
    direction: 'dark',
    account: 'service',
    why: 'day profiles run scripts: a calendar can switch relays by the clock',
    objects: [
      { classId: 20, attributes: 'all', methods: 'all' },
      { classId: 11, attributes: 'all', methods: 'all' },
    ],
  },
  'clock-shift': {
    direction: 'none',
    why: 'shift_time moves the clock by 900 s at most, and the signer takes the time from its own clock',
    objects: [{ classId: 8, attributes: [], methods: [6] }],
  },
  'capture-period': {
    direction: 'none',
    why: 'moves no supply; most meters empty the profile whose period is changed',
    people: 1,
    objects: [{ classId: 7, attributes: [4], methods: [] }],
  },
  'push-setup': {
    direction: 'none',
    why: 'moves no supply; what a meter tells goes where this says',
    people: 1,
    objects: [{ classId: 40, attributes: [3, 5, 6, 7], methods: [] }],
  },
  'display-text': {
    direction: 'none',
    why: 'moves no supply; customers believe what their meter says',
    people: 1,
    objects: [{ classId: 1, obis: /^0\.\d+\.96\.13\.0\.255$/, attributes: [2], methods: [] }],
  },
  'demand-response': {
    direction: 'none',
    why: 'a signal to the customer’s own devices, which may follow it or not; nothing of the meter switches',
    people: 1,
    objects: [{ classId: 1, obis: /^0\.\d+\.96\.13\.1\.255$/, attributes: [2], methods: [] }],
  },
} as const satisfies Record<string, DarkeningRow>;

/** A command of the table. */
export type Command = keyof typeof darkening;

/** A write or a call, as a meter would be asked it. */
export interface GuardedRequest {
  readonly service: 'set' | 'action';
  readonly classId: number;
  readonly obis: string;
  /** Attribute or method. */
  readonly member: number;
}

/** The row a request belongs to; `unlisted` when none does, and then nobody may send it. */
export function commandOf(request: GuardedRequest): Command | 'unlisted' {
  for (const [command, row] of Object.entries(darkening) as [Command, DarkeningRow][]) {
    if (row.objects.some((object) => isMatch(object, request))) return command;
  }
  return 'unlisted';
}

/** The row of a command. */
export function rowOf(command: Command): DarkeningRow {
  return darkening[command];
}

/** Whether a request is part of a command, and of no other row of the table. */
export function isPartOf(command: Command, request: GuardedRequest): boolean {
  return commandOf(request) === (rowOf(command).like ?? command);
}

/** Switches of supply, or work on a meter: counted apart. */
export function accountOf(command: Command): 'switch' | 'service' {
  return rowOf(command).account ?? 'switch';
}

/** The direction a command is counted in. */
export function directionOf(command: Command): Direction {
  return darkening[command].direction;
}

/** Whether a text names a command. */
export function isCommand(text: string): text is Command {
  return Object.hasOwn(darkening, text);
}

function isMatch(object: GuardedObject, { service, classId, obis, member }: GuardedRequest): boolean {
  if (object.classId !== classId || (object.obis && !object.obis.test(obis))) return false;
  const members = service === 'set' ? object.attributes : object.methods;
  return members === 'all' || members.includes(member);
}
