/** The client's side of a session with a meter that has one client alone: the signer holds its keys, makes every APDU and opens every answer. */
import type { Result } from '@wattline/base';
import {
  type AttributeDescriptor,
  type ClientOutcome,
  type ClientRequest,
  encodeApdu,
  type GetResult,
} from '@wattline/protocols/dlms';
import { headendFailure } from '../errors.ts';
import type { ReadAnswer, SignerMessage, SignerReply } from '../signer/messages.ts';
import type { AskSigner } from '../signer/signer-channel.ts';
import type { LinkKind } from './link-kinds.ts';
import type { SessionConnection } from './session.ts';

type SessionReply = Extract<SignerReply, { kind: 'session' }>;

/** Invoke id 1, confirmed, high priority: the signer gives what it sends a number of its own. */
const invokeIdAndPriority = 0xc1;

/** A connection over the channel to the signer; without one nothing can be asked of such a meter. */
export function connectThroughSigner(
  ask: AskSigner | undefined,
  { serial, link }: { readonly serial: string; readonly link: LinkKind },
): SessionConnection {
  let session = '';
  let asked: ClientRequest['kind'] = 'associate';

  const messageFor = (request: ClientRequest): SignerMessage | undefined => {
    if (request.kind === 'associate') return { kind: 'open-read', serial };
    if (request.kind === 'release') return { kind: 'close', session };
    if (request.kind !== 'get' && request.kind !== 'get-list') return undefined;
    const references = request.kind === 'get' ? [request.reference] : request.references;
    return { kind: 'ask', session, apdu: base64(getRequest(references)) };
  };

  return {
    async request(request) {
      const message = messageFor(request);
      if (!ask || link !== 'tcp') {
        const what = `meter ${serial} has one client: it is read through a signer, by the wrapper over TCP`;
        return { ok: false, error: headendFailure('headend/signer-needed', what) };
      }
      if (!message) {
        const what = `the signer asks attributes of meter ${serial} on our behalf, found '${request.kind}'`;
        return { ok: false, error: headendFailure('headend/signer-needed', what) };
      }
      asked = request.kind;
      const reply = await ask(message);
      if (reply.kind !== 'session') return refusalOf(reply);
      session = asked === 'release' ? '' : reply.session;
      return { ok: true, value: Buffer.concat(reply.send.map(octetsOf)) };
    },
    async receive(octets) {
      // The end of the association is not the signer's concern any more, and changes nothing that was read.
      if (!ask || session === '') return { send: [], outcome: { kind: 'released' } };
      const reply = await ask({ kind: 'octets', session, octets: base64(octets) });
      if (reply.kind !== 'session') {
        const refused = refusalOf(reply);
        return { send: [], outcome: { kind: 'failure', failure: refused.error } };
      }
      return { send: reply.send.map(octetsOf), outcome: outcomeOf(reply, asked) };
    },
    close() {
      if (ask && session !== '') ask({ kind: 'close', session }).catch(() => undefined);
      session = '';
    },
  };
}

function getRequest(references: readonly AttributeDescriptor[]): Uint8Array {
  const [attributeDescriptor, ...more] = references;
  return attributeDescriptor && more.length === 0
    ? encodeApdu('get-request', {
        choice: 'get-request-normal',
        value: { invokeIdAndPriority, attributeDescriptor },
      })
    : encodeApdu('get-request', {
        choice: 'get-request-with-list',
        value: { invokeIdAndPriority, attributeDescriptorList: references },
      });
}

function outcomeOf(reply: SessionReply, asked: ClientRequest['kind']): ClientOutcome | undefined {
  const { end, answers } = reply;
  if (end) {
    const { code, message } = end.kind === 'failed' ? end : { code: 'headend/unexpected', message: end.kind };
    return { kind: 'failure', failure: { code, message, where: {} } };
  }
  if (!answers) return undefined;
  if (asked === 'associate') return { kind: 'associated', serverSystemTitle: undefined, maxPduSize: 0 };
  const results = answers.map(resultOf);
  const [result] = results;
  return asked === 'get' && result ? { kind: 'get', result } : { kind: 'get-list', results };
}

function resultOf(answer: ReadAnswer): GetResult {
  if ('encoded' in answer) return { ok: true, encoded: octetsOf(answer.encoded) };
  return { ok: false, result: answer.refused as Extract<GetResult, { ok: false }>['result'] };
}

function refusalOf(reply: SignerReply): Extract<Result<never>, { ok: false }> {
  const { code, message } =
    reply.kind === 'refused'
      ? reply
      : { code: 'signer/message-malformed', message: `an answer '${reply.kind}' to a session` };
  return { ok: false, error: { code, message, where: {} } };
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

function octetsOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
