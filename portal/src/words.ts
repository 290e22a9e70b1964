/** Every word on the screens, in one place. Sentences say what is, and what to do. */
import type { MeterState } from './feeder-tree.ts';
import type { Problem } from './problem.ts';
import type { Mark } from './quality-mark.ts';

export const words = {
  product: 'Wattline',
  skip: 'Skip to the content',
  home: 'Wattline, start page',
  customers: 'Customers',
  operator: 'Operator',
  screens: 'Screens',
  theme: { system: 'As the device', light: 'Light', dark: 'Dark', label: 'Appearance' },
  clockLabel: 'Time of the town',
  retry: 'Try again',
  close: 'Close',
  loading: 'Loading',
  print: 'Print',

  start: {
    title: 'Every kilowatt-hour, from the meter to the bill.',
    text: 'See what a customer used, what it cost and which frame from the meter each number came in. Or watch the whole network being read.',
    customerTitle: 'A customer',
    customerText: 'Today, the last 40 days, bills and where every line comes from.',
    operatorTitle: 'The operator',
    operatorText: 'Read rate, meters that are late, exceptions and live events.',
    openOperator: 'Open the operator screen',
    find: 'Find a customer',
    findHint: 'Name, address or usage point',
    noneFound: 'No customer fits',
    noneFoundText: 'Try fewer letters, a street, or a number such as UP-0001.',
    none: 'No customers yet',
    noneText: 'The list fills as meters are registered.',
    cut: 'More customers fit: type more letters to narrow the list.',
  },

  meterPage: {
    title: (serial: string) => `Meter ${serial}`,
    display: {
      title: 'Display',
      text: 'As the meter drives it: its own list, segments and signs.',
      of: (code: string, figure: string, unit: string, signs: readonly string[]) =>
        `Display: ${code} ${figure} ${unit}${signs.length > 0 ? `, ${signs.join(' ')}` : ''}`.trim(),
      rate: (rate: number) => `T${rate}`,
      quadrants: ['QI', 'QII', 'QIII', 'QIV'],
      signs: {
        ...{ L1: 'L1', L2: 'L2', L3: 'L3', 'switch-open': 'OPEN', tampered: 'TAMPER' },
        ...{ communicating: 'COM', 'battery-low': 'BATT', 'clock-invalid': 'CLOCK', 'credit-low': 'CREDIT' },
      },
      next: 'Next page',
      back: 'Back to the list',
      none: 'No display',
      noneText: 'The meter has no object for it.',
    },
    phasors: 'Phasors',
    phasorLegend: 'Voltages are solid, currents dashed; each to the largest of its kind.',
    origin: {
      sampled: 'Angles out of the samples of the meter.',
      modelled:
        'This meter measures phasors: wave and harmonics are a model about them, analysed by the same engine.',
    },
    phase: 'Phase',
    phaseColumns: ['', 'U, V', 'I, A', 'I lags, °', 'THD U, %', 'THD I, %'],
    wave: 'Wave',
    waveText: 'Two cycles of voltage and current, each to its own peak.',
    waveOf: (phase: number, volts: number, amps: number) =>
      `Wave of L${phase}: peaks ${volts.toFixed(0)} V and ${amps.toFixed(2)} A`,
    harmonics: 'Harmonics',
    harmonicsText: 'Voltage up, current down, in percent of the fundamental.',
    harmonicsOf: (phase: number, thdVoltage: number, thdCurrent: number) =>
      `Harmonics of L${phase}: distortion ${thdVoltage.toFixed(2)} % of voltage, ${thdCurrent.toFixed(2)} % of current`,
    harmonic: (kind: 'voltage' | 'current', order: number, share: number) =>
      `${kind}, order ${order}: ${share.toFixed(2)} %`,
    registers: 'Registers',
    registerColumns: ['Register', 'OBIS', 'Reading'],
    supply: 'Supply events',
    supplyText: 'Dips, swells and interruptions that the meter saw on Urms(1/2), the last first.',
    supplyColumns: ['Event', 'Start', 'Duration', 'Phase', 'Extreme'],
    supplyKinds: {
      dip: 'Dip',
      swell: 'Swell',
      interruption: 'Interruption',
      'rapid-voltage-change': 'Rapid voltage change',
    },
    powerFactor: (factor: string) => `power factor ${factor}`,
    switch: { closed: 'switch closed', open: 'switch open' },
    readAt: (clock: string) => `read at ${clock} by its own clock`,
    noWave: 'No wave',
    noWaveText: 'The meter has no object for it, or no supply.',
  },

  frames: {
    name: 'Frames',
    link: 'Decode a captured frame',
    title: 'Frame decoder',
    intro:
      'Paste what a meter or a head-end sent. Every field is named as the standard names it, with its place in the octets.',
    given: 'Octets',
    text: 'Captured octets',
    textHint: '7E A0 07 03 21 93 0F 01 7E',
    keys: 'Keys, for what is ciphered',
    keysText:
      'They go with this one request to the server that showed this page, are not kept there and never logged.',
    key: {
      ek: 'Encryption key (GUEK)',
      ak: 'Authentication key (GAK)',
      dk: 'Dedicated key',
      systemTitle: 'System title of the sender',
    },
    digits: (count: number) => `${count} hexadecimal digits`,
    decode: 'Decode',
    clear: 'Clear',
    examples: 'Try',
    example: {
      hdlc: 'HDLC: SNRM and UA',
      aarq: 'Association with a password',
      ciphered: 'A ciphered GET with its keys',
      broken: 'Something broken',
      telegram: 'A P1 telegram',
    },
    nothing: 'Nothing decoded yet',
    nothingText:
      'TCP wrapper, HDLC, M-Bus, bare APDUs and P1 telegrams, several in a row; in any way of writing octets.',
    notTaken: 'These are no octets',
    stopped: (offset: number | null) =>
      offset === null ? 'Not all could be read' : `Reading stopped at octet ${offset}`,
    fields: (count: number) => `${count} fields`,
    tree: 'Fields of the capture',
    octetsTitle: 'Octets',
    place: (offset: number, length: number) => `${offset}+${length}`,
    grid: (name: string, count: number) =>
      `${name === 'capture' ? 'As captured' : name === 'plaintext' ? 'Deciphered' : 'Put together'}, ${count} octets`,
    octets: (digits: string) => `Octets ${digits.slice(0, 400)}`,
  },

  building: {
    title: 'The town is being read for the first time',
    text: (read: number, all: number) =>
      `${read} of ${all} meters have delivered their history. Figures below grow until it is complete.`,
  },

  customer: {
    today: 'Today',
    soFar: 'used so far today',
    none: 'No reading yet today',
    until: (time: string) => `until ${time}`,
    typical: 'Typical day',
    aboveTypical: (share: string) => `${share} more than usual by this time`,
    belowTypical: (share: string) => `${share} less than usual by this time`,
    asTypical: 'As usual by this time',
    exported: 'Sent to the grid today',
    monthSoFar: (month: string) => `${month} so far`,
    monthUntil: (moment: string) => `tax included, until ${moment}`,
    lastBill: (month: string) => `Bill for ${month}`,
    seeBill: 'See the bill',
    solar: (power: string) => `Solar ${power}`,
    meter: (serial: string) => `Meter ${serial}`,
    noMeter: 'No meter installed',
    change: 'Another customer',
    history: (days: number) => `The last ${days} days`,
    historyText: 'Choose a day to see its intervals.',
    plotHint: 'Choose an interval on the curve, or move with the arrow keys; Enter tells its story.',
    calendarHint: 'Choose a cell, or move with the arrow keys; Enter tells its story.',
    calendar: 'Every interval',
    calendarText: (length: string) =>
      `One row a day, one cell for each ${length}. The stronger the colour, the more power.`,
    direction: 'Direction',
    delivered: 'From the grid',
    received: 'To the grid',
    previousDay: 'Previous day',
    nextDay: 'Next day',
    span: 'Span',
    spans: { day: 'Day', week: '7 days', all: 'All' },
    explain: 'Why this value?',
    asTable: 'As a table',
    noReadings: 'No readings yet',
    noReadingsText: 'The first ones appear as soon as the meter has been read.',
    kinds: { home: 'Home', shop: 'Shop', public: 'Public supply' },
    clockChange: (hours: number) => `${hours} h`,
    clockChangeTitle: (hours: number) => `The clock changes: this day has ${hours} hours`,
    zoomHint: 'Drag across the curve to zoom, double-click to see all.',
  },

  bill: {
    title: 'Bills',
    text: 'Choose a line to see how it came about, down to the interval.',
    none: 'No bill yet',
    noneText:
      'A month is billed once it is over; the running month shows here as soon as there are readings.',
    word: 'Bill',
    projectionWord: 'Month so far',
    closed: 'Closed',
    projection: 'Running',
    projectionNote: 'The month is not over. This is what has been used until now, not a forecast.',
    number: 'Bill number',
    version: (version: number) => `version ${version}`,
    period: 'Period',
    tariff: 'Tariff',
    usagePoint: 'Usage point',
    supplyTo: 'Supply to',
    issuer: 'Wattline town supply',
    line: 'What for',
    quantity: 'Quantity',
    price: 'Price',
    amount: 'Amount',
    total: 'Total',
    days: (count: string) => (count === '1' ? '1 day' : `${count} days`),
    percentOf: (percent: string, base: string) => `${percent} % of ${base}`,
    perKwh: 'per kWh',
    perDay: 'per day',
    estimatedIn: (count: number) => `${count} of the intervals estimated`,
    missingIn: (count: number) => `${count} missing, counted as zero`,
    registers: 'Meter register against intervals',
    registerStart: 'At the start',
    registerEnd: 'At the end',
    registerCounted: 'Counted, over an exchange, a reset or a rollover',
    intervalSum: 'Sum of intervals',
    difference: 'Difference',
    agrees: 'Register and intervals agree to the last watt-hour.',
    differs:
      'Register and intervals differ. The bill stands on the intervals; the difference is being looked into.',
    notRead: 'not read',
    cannotCompare: 'The register was not read at both ends, so there is nothing to compare yet.',
    asOf: (moment: string) => `As known on ${moment}.`,
    digest: 'Inputs digest',
    months: 'Month',
    explainLine: (title: string) => `Explain ${title}`,
    hideLine: (title: string) => `Hide the explanation of ${title}`,
  },

  explanation: {
    title: 'How this line came about',
    determinant: 'Determinant',
    intervals: (count: string) => `${count} intervals`,
    estimated: (count: string) => `${count} estimated`,
    missing: (count: string) => `${count} missing`,
    allMeasured: 'all measured',
    days: 'Days',
    dayTable: (date: string) => `Intervals of ${date}`,
    part: (count: number, all: number) =>
      `${count} of the ${all} intervals of this day fall into this line; the others are billed at another rate.`,
    noDays: 'This line does not stand on readings.',
    chooseDay: 'Choose a day to see its intervals.',
  },

  interval: {
    title: 'One interval',
    versions: 'Versions',
    versionsText: 'Nothing is overwritten: the newest version counts, older ones stay.',
    current: 'counts now',
    knownAt: 'Known',
    source: 'From',
    method: 'Method',
    reference: 'Reference',
    noVersions: 'Nothing was ever heard of this interval.',
    verdicts: 'Checks',
    noVerdicts: 'No check has looked at it yet.',
    pass: 'passed',
    fail: 'failed',
    frame: 'Frame from the meter',
    frameText: (serial: string, moment: string) => `Meter ${serial}, ${moment}`,
    digest: 'Digest',
    noFrame: 'No frame: this value did not come from the meter.',
    noHex: 'The octets are no longer kept; the digest is.',
    average: (power: string) => `on average ${power}`,
    sources: {
      dlms: 'meter, read over DLMS',
      push: 'meter, pushed',
      import: 'imported file',
      estimate: 'estimate',
      manual: 'a person',
      derived: 'derived',
    } as Readonly<Record<string, string>>,
  },

  approvals: {
    title: 'Commands that wait',
    text: 'What people have asked of meters, and what still stands between it and them.',
    none: 'No command waits',
    noneText: 'Batches appear here from the moment they are asked for until their last meter is done.',
    states: {
      requested: 'asked for',
      held: 'held',
      approved: 'allowed',
      executing: 'being carried out',
    },
    what: (command: string, meters: string) =>
      `${command.replaceAll('-', ' ')}, ${meters} ${meters === '1' ? 'meter' : 'meters'}`,
    askedBy: (person: string, deadline: string) => `asked by ${person}, not after ${deadline}`,
    window: 'May be cancelled for',
    place: 'Place',
    meters: 'Meters',
    load: 'Load',
    left: 'Limits leave',
    unlimited: 'no limit',
    leaves: (meters: string, load: string) => `${meters}, ${load}`,
    scopes: { transformer: 'transformer', feeder: 'feeder', substation: 'substation' },
    nobody: 'Nobody has signed yet.',
    signed: (people: string) => `Signed by ${people}.`,
    reasons: 'Why it waits',
    how: 'How to approve',
    howText:
      'Signing happens where your key is, not in this page: a page that could sign could be made to sign something else. Read the batch that the command shows, then repeat it with --yes.',
    hash: 'What is signed',
    cancel: 'Cancel it',
    by: 'Your name',
    pull: 'Pull the red switch',
    stopText:
      'To stop takes a name and no signature. The red switch stops every command to every meter until two people release it.',
    redPulled: 'The red switch is pulled: nothing is switched until two people release it.',
    redReleased: 'The red switch is not pulled.',
    noSigner: 'The signer does not answer: nothing can be commanded.',
    clockDoubtful: 'The signer’s clock was moved: everything waits until it is started anew by hand.',
    enrolment: (why: string) => `The enrolment on disk is not in force: ${why}`,
    openMoves: (count: string) => `Not proved by their meters yet: ${count}.`,
    holds: (count: string) => `Holds: ${count}.`,
    done: { cancel: 'The batch is cancelled.', 'red-switch': 'The red switch is pulled.' },
    signIn: 'Stopping needs the access token of this server.',
  },
  work: {
    title: 'Worklist',
    text: 'What the rules put before people.',
    none: 'Nothing waits',
    noneText: 'Tasks appear here when a rule for people fails.',
    rules: 'Rules',
    all: (count: string) => `All ${count} shown`,
    choose: (point: string, day: string) => `Choose ${point}, ${day}`,
    author: 'Your name',
    reason: 'Reason',
    accept: (count: string) => `Accept ${count}`,
    dismiss: 'Dismiss',
    closed: (count: string) => `${count} tasks ended.`,
    signIn: 'Ending tasks needs the access token of this server.',
  },
  operations: {
    title: 'Operations',
    readRate: 'Read rate today',
    readRateText: (received: string, expected: string) => `${received} of ${expected} intervals`,
    overall: (days: number) => `Over ${days} days`,
    byDay: 'Read rate by day',
    byDayText: 'Share of the intervals due that meters delivered.',
    axisFrom: (percent: string) => `The axis begins at ${percent}.`,
    estimated: 'estimated',
    missing: 'missing',
    meters: 'Meters',
    metersText: (count: string) => `${count} commissioned`,
    exceptions: 'Exceptions',
    exceptionsText: 'What someone should look at.',
    noExceptions: 'Nothing to look at',
    noExceptionsText: 'No exception is open. New ones appear here by themselves.',
    allKinds: 'All',
    events: 'Live events',
    noEvents: 'Quiet so far',
    noEventsText: 'Events appear here the moment they are on disk.',
    stream: {
      connecting: 'connecting',
      live: 'live',
      lost: 'connection lost, trying again',
    },
    tree: 'The grid',
    treeText: 'Each mark is a meter. Choose a transformer to list its meters.',
    noTree: 'No meters yet',
    noTreeText: 'The grid appears once meters are registered.',
    list: 'All meters',
    find: 'Find a meter',
    findHint: 'Serial, customer, address, transformer',
    anyState: 'Any state',
    noMeters: 'No meter fits',
    noMetersText: 'Take a filter away to see more.',
    clear: 'Clear the filters',
    shown: (shown: string, all: string) => `${shown} of ${all} meters`,
    cut: (count: string) => `Only the first ${count} meters are loaded; search to find others.`,
    columns: {
      state: 'State',
      serial: 'Meter',
      customer: 'Customer',
      transformer: 'Transformer',
      lastContact: 'Last contact',
      lastInterval: 'Read until',
    },
    never: 'never',
    ago: (age: string) => `${age} ago`,
    failures: (count: number) => (count === 1 ? '1 failure' : `${count} failures`),
    read: 'Read now',
    reading: 'Reading',
    outcomes: {
      answer: (serial: string, readings: string) =>
        `Meter ${serial} answered: ${readings} interval values came.`,
      refusal: (serial: string) => `Meter ${serial} refused.`,
      timeout: (serial: string) => `Meter ${serial} did not answer in time.`,
      unreachable: (serial: string) => `Meter ${serial} cannot be reached.`,
      failure: (serial: string) => `Meter ${serial} could not be read.`,
    },
    openMeter: 'What this meter shows now',
    openCustomer: 'Open the customer',
  },

  late: {
    connection: (age: string) =>
      `Not refreshed for ${age}: the server does not answer. Shown is what was known then.`,
    storage: (since: string, advice: string, code: string) =>
      `Readings are not taken or not stored since ${since}. ${advice} (${code})`,
    meter: (age: string, moment: string) =>
      `The meter is late: its last reading is ${age} old (${moment}). What came since will appear once it answers.`,
  },

  signIn: {
    title: 'Sign in',
    text: 'Reading is open here; acting is not. Paste the write token: it stands in the file that the server named when it started.',
    textClosed: 'This server wants to know who asks. Paste your access token.',
    token: 'Access token',
    submit: 'Sign in',
    cancel: 'Cancel',
  },

  unknown: {
    title: 'No screen lives here',
    text: 'The address may be old or mistyped.',
    back: 'To the start page',
  },
} as const;

/** The banner of a demonstration town. */
export function townBanner(seed: string): string {
  return `This is a demonstration town, seed ${seed}: nobody lives here.`;
}

/** Marks of quality: a word, and a sentence for whoever asks. */
export const markWords: Readonly<Record<Mark, { readonly name: string; readonly text: string }>> = {
  measured: { name: 'Measured', text: 'The meter counted it.' },
  estimated: { name: 'Estimated', text: 'No usable reading; a rule put a value in its place.' },
  edited: { name: 'Edited', text: 'A person set the value.' },
  suspect: { name: 'Suspect', text: 'Measured, but a check does not believe it.' },
  missing: { name: 'Missing', text: 'There is no value.' },
  'power-off': { name: 'Power off', text: 'The meter had no supply: the zero is true.' },
  'doubtful-clock': { name: 'Clock doubtful', text: 'The meter\u2019s clock was set or invalid.' },
  awaited: { name: 'Not read yet', text: 'The interval is over; the meter is read soon.' },
};

/** States of a meter. */
export const stateWords: Readonly<Record<MeterState, { readonly name: string; readonly text: string }>> = {
  ok: { name: 'On time', text: 'Read, and nothing is due.' },
  late: { name: 'Late', text: 'Readings are due that did not come.' },
  unreachable: { name: 'Unreachable', text: 'It does not answer.' },
  refused: { name: 'Refused', text: 'It answers, but refuses us.' },
  waiting: { name: 'Waiting', text: 'Not read for the first time yet.' },
};

export const severityWords = { info: 'Information', warning: 'Warning', alarm: 'Alarm' } as const;

/** What a person can do about a problem, by its code and failing that by the kind of refusal. */
export function adviceFor({ code, status }: Problem): { readonly title: string; readonly advice: string } {
  const own = adviceByCode[code];
  if (own) return own;
  if (status === 401) return { title: 'Please sign in', advice: 'This needs an access token.' };
  if (status === 403)
    return { title: 'Not allowed', advice: 'Your token does not cover this. Ask for one that does.' };
  if (status === 404)
    return { title: 'Not found', advice: 'Check the address, or go back to the start page and search.' };
  if (status === 429) return { title: 'Too many requests', advice: 'Wait a moment, then try again.' };
  if (status !== null && status >= 500) {
    return {
      title: 'The server failed',
      advice: 'Try again. If it stays, the code below stands in the server\u2019s log.',
    };
  }
  return { title: 'That did not work', advice: 'The message below says what was expected and what came.' };
}

const adviceByCode: Readonly<Record<string, { readonly title: string; readonly advice: string }>> = {
  'portal/no-connection': {
    title: 'The server does not answer',
    advice: 'Check that it still runs and that this device is online. This page tries again by itself.',
  },
  'portal/timed-out': { title: 'The server is too slow', advice: 'It may be busy. Try again in a moment.' },
  'portal/not-understood': {
    title: 'An unexpected answer',
    advice:
      'Screen and server may be of different versions, or something stands between them. Reload the page.',
  },
};
