/** What can be wrong with a delivered file, by code: one table for all interchange formats. */

/** Codes and their meaning; `refused` stops the file, `held` sets a series aside, `rejected` drops a record or value, `noted` is told only. */
export const exchangeProblems = {
  'mdm/exchange-too-large': { outcome: 'refused', text: 'The file is larger than one delivery may be.' },
  'mdm/exchange-unknown-format': { outcome: 'refused', text: 'No interchange format begins like this.' },
  'mdm/exchange-missing-header': {
    outcome: 'refused',
    text: 'The file does not begin with the header of its format.',
  },
  'mdm/exchange-half-written': {
    outcome: 'refused',
    text: 'The file ends before its end mark: the sender had not finished writing.',
  },
  'mdm/exchange-bad-structure': {
    outcome: 'refused',
    text: 'Records, elements or segments stand where the format does not allow them.',
  },
  'mdm/exchange-bad-xml': {
    outcome: 'refused',
    text: 'The text is no well-formed XML without document type and foreign entities.',
  },
  'mdm/exchange-bad-json': { outcome: 'refused', text: 'The text is no JSON.' },
  'mdm/exchange-encrypted': {
    outcome: 'rejected',
    text: 'The telegram is encrypted, and no key was given that opens it.',
  },
  'mdm/exchange-bad-parquet': { outcome: 'refused', text: 'The octets are no Parquet that is read here.' },
  'mdm/exchange-unsupported-version': {
    outcome: 'refused',
    text: 'The document is of a type or version that is not read here.',
  },
  'mdm/exchange-no-readings': { outcome: 'refused', text: 'The file is complete and holds no reading.' },
  'mdm/exchange-unknown-channel': {
    outcome: 'held',
    text: 'No channel of the registry is known for this series.',
  },
  'mdm/exchange-ambiguous-channel': {
    outcome: 'held',
    text: 'Two meters or registers are mixed: several series of the file speak of one channel, or a meter that stands elsewhere does.',
  },
  'mdm/exchange-no-reading-type': {
    outcome: 'held',
    text: 'There is no reading type for this unit, direction and kind.',
  },
  'mdm/exchange-unit-mismatch': {
    outcome: 'held',
    text: 'The unit contradicts the register, the product or the channel.',
  },
  'mdm/exchange-unsupported-interval': {
    outcome: 'held',
    text: 'The interval is not whole seconds that divide a day.',
  },
  'mdm/exchange-period-mismatch': {
    outcome: 'held',
    text: 'The stated period ends before it starts.',
  },
  'mdm/exchange-missing-element': {
    outcome: 'rejected',
    text: 'An element or field that the format requires is missing.',
  },
  'mdm/exchange-unexpected-element': { outcome: 'rejected', text: 'The format knows no such element.' },
  'mdm/exchange-bad-record': {
    outcome: 'rejected',
    text: 'The record is not laid out as its format says.',
  },
  'mdm/exchange-bad-check-sum': {
    outcome: 'rejected',
    text: 'The telegram has another check sum than its characters: some were changed on the way.',
  },
  'mdm/exchange-interval-count': {
    outcome: 'rejected',
    text: 'The record holds another number of values than its interval length or its count says.',
  },
  'mdm/exchange-quality-ranges': {
    outcome: 'rejected',
    text: 'The quality ranges do not cover the day exactly once.',
  },
  'mdm/exchange-bad-time': { outcome: 'rejected', text: 'The text is no time of the format.' },
  'mdm/exchange-no-such-time': {
    outcome: 'rejected',
    text: 'The local time was skipped when clocks were put forward.',
  },
  'mdm/exchange-future': {
    outcome: 'held',
    text: 'The interval ends in the future: it waits until its time has come.',
  },
  'mdm/exchange-bad-number': { outcome: 'rejected', text: 'The text is no decimal number.' },
  'mdm/exchange-too-big-number': {
    outcome: 'rejected',
    text: 'The value in the unit of the reading type is 2^53 or more.',
  },
  'mdm/exchange-overlap': {
    outcome: 'held',
    text: 'Two different values are given for the same time: the first one counts, the other waits.',
  },
  'mdm/exchange-outside-period': {
    outcome: 'rejected',
    text: 'The value lies outside the period its series states.',
  },
  'mdm/exchange-unknown-quality': {
    outcome: 'noted',
    text: 'The quality code is unknown: the value is taken as suspect.',
  },
  'mdm/exchange-rounded': {
    outcome: 'noted',
    text: 'The value has digits below the unit of the reading type: it was rounded half to even.',
  },
  'mdm/exchange-count-mismatch': {
    outcome: 'noted',
    text: 'A count in the trailer is smaller than what was found.',
  },
  'mdm/exchange-short-period': { outcome: 'noted', text: 'The series holds fewer values than its period.' },
  'mdm/exchange-sum-mismatch': {
    outcome: 'noted',
    text: 'The stated quantity is not the difference of the two register readings.',
  },
  'mdm/exchange-cannot-write': {
    outcome: 'refused',
    text: 'The readings cannot be said in this format.',
  },
} as const satisfies Record<
  string,
  { readonly outcome: 'refused' | 'held' | 'rejected' | 'noted'; readonly text: string }
>;

export type ExchangeProblemCode = keyof typeof exchangeProblems;
