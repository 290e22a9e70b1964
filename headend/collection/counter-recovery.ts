/**
 * A meter that has seen higher invocation counters than ours refuses all we seal (Green Book 9.2.3.3.7.3): after a backup of
 * the whole installation, or a registry lost. It tells the highest it took to anyone who asks, without security; what it tells is
 * believed as far as it costs little.
 */
import { decodeData } from '@wattline/protocols/dlms';
import type { SentCounter } from '../keys/invocation-counters.ts';
import type { Conversation, Session } from '../session/session.ts';

/** Numbers that one word of a meter may cost us: anyone on the way could have spoken it, and 2^32 must outlast them. */
export const counterLeapMax = 2 ** 22;

/** Ends of a session that a counter which is too low may lead to: makes differ in whether they refuse or fall silent. */
const suspectCodes = new Set([
  'headend/timeout',
  'headend/link-closed',
  'dlms/association-rejected',
  'dlms/authentication-failed',
  'dlms/exception-response',
  'dlms/confirmed-service-error',
  'dlms/context-refused',
]);

/** Whether a session ended as it would when the meter had seen higher counters: it spoke, and refused. */
export function mayBeCounter({ outcome, code, octetsReceived }: Conversation): boolean {
  // Who said nothing at all is more likely asleep: asking again would cost its route another wait.
  return outcome !== 'answer' && octetsReceived > 0 && suspectCodes.has(code ?? '');
}

/**
 * Reads the counter a meter has seen over an open session without security and raises ours above it. Resolves to whether it was
 * raised: not when the meter has seen no more than ours, or claims more than one word may cost. Throws as {@link Session.get} does.
 */
export async function raiseCounter(
  session: Session,
  options: { readonly obis: string; readonly counter: SentCounter },
): Promise<boolean> {
  const { obis, counter } = options;
  const decoded = decodeData(await session.get({ classId: 1, obis, attribute: 2 }));
  const data = decoded.ok ? decoded.value.value : undefined;
  const seen = data?.type === 'double-long-unsigned' ? data.value : undefined;
  if (seen === undefined) return false;
  await counter.ready();
  const ours = counter.peek();
  if (seen < ours || seen - ours > counterLeapMax) return false;
  await counter.raise(seen + 1);
  return true;
}
