/** The coded errors and refusals of meter data management: one table. */
import { CodedError, type Where } from '@wattline/base';

/** Every code this room gives out, as thrown error or as reason in a receipt. */
export const mdmErrors = {
  'mdm/unknown-channel': 'The registry has no such channel: provision the meter first.',
  'mdm/bad-block':
    'A block needs as many qualities as values, at least one, and a register block exactly one.',
  'mdm/interval-mismatch': 'The interval differs from the one the channel is registered with.',
  'mdm/interval-unsupported': 'An interval must be whole seconds that divide a day.',
  'mdm/off-grid': 'The start does not lie on the grid of the channel.',
  'mdm/not-an-integer': 'Values are integers of the reading type’s unit, exact below 2^53.',
  'mdm/negative-energy': 'Energy in one direction is never negative.',
  'mdm/bad-quality': 'A value is either measured, estimated, edited or manual, or its slot is missing.',
  'mdm/future': 'The interval ends later than the clock allows: the meter’s clock is ahead.',
  'mdm/overlapping-blocks':
    'Two blocks of one batch speak of the same slots of a channel: the first one counts.',
  'mdm/not-an-interval-channel': 'The channel holds register readings, not intervals.',
  'mdm/not-a-register-channel': 'The channel holds intervals, not register readings.',
  'mdm/unknown-point': 'The registry has no such usage point.',
  'mdm/point-exists': 'There is a usage point of that id.',
  'mdm/runs-backwards':
    'The register would run backwards: look at the display again, and confirm the read if it stands.',
  'mdm/too-many-meters': 'The feeder has more meters than one question takes.',
  'mdm/order-exists': 'There is an order of that id.',
  'mdm/unknown-rule-pack': 'There is no rule pack of that id: wattline vee packs lists them.',
  'mdm/unknown-tariff': 'There is no tariff of that id: put it first.',
  'mdm/not-yet':
    'An exchange or a reset is told when it has happened; a visit is planned as an order (wattline rollout plan).',
  'mdm/unknown-order': 'There is no such order.',
  'mdm/unknown-fact': 'There is no asset fact of that number.',
  'mdm/bad-edit': 'An edit needs whole amounts, an author and a reason.',
  'mdm/unknown-edit': 'There is no edit of that number.',
  'mdm/unknown-held': 'Nothing of that number is held.',
  'mdm/nothing-held': 'Nothing of it could be read: have the file sent again, and give this one up.',
  'mdm/unit-mismatch': 'The held series is of another unit than the channel.',
  'mdm/already-decided': 'It was decided before: look at what was decided, and edit or undo that.',
  'mdm/unknown-format': 'No interchange format of that id is read or written here.',
  'mdm/bad-virtual-meter':
    'A virtual meter needs one or more channels of one interval length, and a ratio exactly two.',
  'mdm/unknown-virtual-meter': 'There is no virtual meter of that name.',
  'mdm/bad-temperature': 'A temperature is a mean of a date, between -90 and 60 degrees Celsius.',
  'mdm/bad-subscriber': 'A subscriber is told at an http or https address without user and password.',
  'mdm/unknown-subscriber': 'There is no subscriber of that id.',
  'mdm/too-many-subscribers': 'There are as many subscribers as are served: remove one first.',
  'mdm/not-taken': 'The subscriber did not take a page of changes; it is sent again after a while.',
  'mdm/closed': 'Meter data management is closed.',
} as const;
export type MdmErrorCode = keyof typeof mdmErrors;

/** An error of the table with its particulars. */
export function mdmError(code: MdmErrorCode, particulars: string, where: Where = {}): CodedError {
  return new CodedError(code, `${mdmErrors[code]} (${particulars})`, where);
}
