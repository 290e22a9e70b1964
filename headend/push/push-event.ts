/** From a push to an event: may it be believed, and what does it say. */
import { type Failure, type Result, success } from '@wattline/base';
import { eventKinds, type SystemEvent } from '@wattline/model';
import { type Data, decodeDateTime, type Push } from '@wattline/protocols/dlms';
import { mappingOf } from '../collection/mapping.ts';
import { type HeadendErrorCode, headendFailure } from '../errors.ts';
import type { AcceptedCounter } from '../keys/accepted-counters.ts';
import type { FleetMeter } from '../registry/fleet.ts';

/** A meter known, and the guard of its pushes. */
export interface Sender {
  readonly entry: FleetMeter;
  readonly counter: AcceptedCounter;
}

/** Why a push may not be believed; when it may, its counter is taken and never again. */
export function judgePush(
  { protection, invocationCounter }: Push,
  sender: Sender | undefined,
): Failure | undefined {
  const isProven = protection === 'a' || protection === 'ae';
  if (!isProven || !sender || invocationCounter === undefined) {
    const what = `expected an authenticated push of a known meter, found protection '${protection}'`;
    return headendFailure('headend/push-unprotected', what);
  }
  if (sender.counter.accept(invocationCounter)) return undefined;
  return replayed({ invocationCounter }, sender.entry);
}

/** The failure of a push whose number was taken before. */
export function replayed(
  { invocationCounter }: Pick<Push, 'invocationCounter'>,
  { meter }: FleetMeter,
): Failure {
  const what = `the invocation counter ${invocationCounter} was used before`;
  return headendFailure('headend/push-replayed', what, { serial: meter.serial });
}

/** Body of the demo profile: logical device name, push setup, date-time, event code, seconds of outage. */
export function readPushBody(push: Push, { meter }: FleetMeter, nowMs: number): Result<SystemEvent> {
  const fields: readonly Data[] = push.body.type === 'structure' ? push.body.value : [];
  const [, , time, code, outage] = fields;
  if (time?.type !== 'octet-string' || code?.type !== 'unsigned' || outage?.type !== 'double-long-unsigned') {
    const found = fields.map(({ type }) => type).join(', ') || push.body.type;
    const expected = 'a structure of name, push setup, date-time, unsigned and double-long-unsigned';
    return refused('headend/push-body', `expected ${expected}, found ${found}`);
  }
  const kind = mappingOf(meter.profile).pushEvents[code.value];
  if (!kind) return refused('headend/push-event-unknown', `event code ${code.value}`);
  const decoded = decodeDateTime(time.value);
  const occurredMs = decoded.ok ? decoded.value.instantMs : (push.instantMs ?? nowMs);
  const duration = kind === 'power-restore' ? ` after ${outage.value} s` : '';
  return success({
    kind,
    occurredMs,
    receivedMs: nowMs,
    usagePointId: meter.usagePointId,
    serial: meter.serial,
    message: `${eventKinds[kind].title}${duration}`,
  });
}

function refused(code: HeadendErrorCode, message: string): Result<never> {
  return { ok: false, error: headendFailure(code, message) };
}
