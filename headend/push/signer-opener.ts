/** Pushes of meters whose one client's keys the signer alone holds: it is asked to open each, and answers in the order they came. */
import { codeOf, messageOf, success } from '@wattline/base';
import type { FleetMeter } from '../registry/fleet.ts';
import type { AskSigner } from '../signer/signer-channel.ts';
import type { OnOpened } from './seal-opener.ts';

/** Has an APDU opened that is sealed in the name of a meter. A signer that is away, or has no time for it, is a push refused. */
export function openThroughSigner(
  ask: AskSigner,
  { entry: { meter }, apdu }: { readonly entry: FleetMeter; readonly apdu: Uint8Array },
  then: OnOpened,
): void {
  const { serial } = meter;
  const refuse = (code: string, message: string) =>
    then({ ok: false, error: { code, message, where: { serial } } });
  ask({ kind: 'open-push', serial, apdu: Buffer.from(apdu).toString('base64') }).then(
    (reply) => {
      if (reply.kind === 'refused') return refuse(reply.code, reply.message);
      if (reply.kind !== 'push') return refuse('headend/unexpected', `an answer '${reply.kind}' to a push`);
      const { invocationCounter, protection } = reply;
      const plain = new Uint8Array(Buffer.from(reply.plain, 'base64'));
      then(success({ plain, invocationCounter, protection, isBroadcast: false }));
    },
    (error: unknown) => refuse(codeOf(error), messageOf(error)),
  );
}
