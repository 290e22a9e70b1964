/** The tester opening and closing associations: right AARQs with any part replaced, and the judging of what answers them. */
import { concatBytes, equalBytes, toHex } from '@wattline/base';
import { mechanismId } from '../acse.ts';
import { conformanceOf } from '../apdu/conformance.ts';
import { challengeLength, type Handshake, hlsMechanisms } from '../mechanisms.ts';
import {
  type AarqFields,
  authenticationValue,
  buildAarq,
  buildInitiate,
  buildRlrq,
  callingTitle,
  contextName,
  type InitiateFields,
  mechanismName,
  type SeenAare,
  seeAare,
  seeInitiate,
  senderRequirements,
  userInformation,
} from './acse-octets.ts';
import { type Answer, type Dialogue, describeAnswer, type Sending } from './dialogue.ts';
import { type Attribute, describeAare, descriptor } from './reading.ts';
import type { Recorder } from './recorder.ts';
import type { Script } from './script.ts';
import { Sealer } from './sealer.ts';
import type { Sealing } from './sealing.ts';
import { isCiphered, isHls } from './target.ts';
import { Finding } from './verdict.ts';

/** Services the tester proposes. */
export const proposed = {
  ln: conformanceOf(
    'get',
    'set',
    'action',
    'selective-access',
    'multiple-references',
    'block-transfer-with-get-or-read',
    'block-transfer-with-set-or-write',
    'block-transfer-with-action',
  ),
  sn: conformanceOf('read', 'write', 'multiple-references', 'parameterized-access', 'information-report'),
} as const;

/** What an association is opened with, where it departs from what is right. */
export interface Opening {
  readonly fields?: AarqFields;
  readonly initiate?: InitiateFields;
  readonly sealing?: Sealing;
}

/** The current association: what every client may read of itself. */
export const currentAssociation: Attribute = { classId: 15, obis: '0.0.40.0.0.255', attribute: 1 };
const replyToHlsSn = 0xfa58;
const confirmed = 0x40;
const highPriority = 0x80;

const hex24 = (value: number) => value.toString(16).toUpperCase().padStart(6, '0');

/** One association of the tester: opened, proved, released. */
export class AssociationTester extends Sealer {
  readonly dialogue: Dialogue;
  /** Challenges of the association under way. */
  clientChallenge: Uint8Array;
  serverChallenge: Uint8Array | undefined;
  negotiated = 0;
  /** Counters inside the meter's proofs, in order. */
  readonly proofCounters: number[] = [];
  protected invokeId = 0;

  constructor(dialogue: Dialogue) {
    super(dialogue.target, dialogue.recorder);
    this.dialogue = dialogue;
    this.clientChallenge = this.freshChallenge();
  }

  freshChallenge(): Uint8Array {
    return this.target.random.bytes(challengeLength(this.target.mechanism));
  }

  /** The fields of a right AARQ. */
  fields({ fields = {}, initiate = {}, sealing = {} }: Opening = {}): AarqFields {
    const { target } = this;
    const { mechanism, systemTitle } = target;
    const isTitled = isCiphered(target) || hlsMechanisms[mechanism]?.needsTitles === true;
    const isSecured = mechanism !== 'none';
    const plain = buildInitiate({ conformance: proposed[target.referencing], ...initiate });
    const value = mechanism === 'lls' ? target.secret : isHls(target) ? this.clientChallenge : undefined;
    return {
      contextName: contextName((target.referencing === 'ln' ? 1 : 2) + (isCiphered(target) ? 2 : 0)),
      callingApTitle: isTitled && systemTitle ? callingTitle(systemTitle) : undefined,
      senderRequirements: isSecured ? senderRequirements() : undefined,
      mechanismName: isSecured ? mechanismName(mechanismId[mechanism]) : undefined,
      authenticationValue: value ? authenticationValue(value) : undefined,
      userInformation: userInformation(isCiphered(target) ? this.seal(plain, sealing) : plain),
      ...fields,
    };
  }

  /** Sends an AARQ and reads the AARE that must come. */
  *aarq(opening: Opening = {}, what = 'AARQ', expected = 'an AARE'): Script<SeenAare> {
    const answer = yield* this.sendAarq(buildAarq(this.fields(opening)), what, expected);
    if (typeof answer === 'object' && 'result' in answer) return answer;
    return this.recorder.fail(expected, describeAnswer(answer));
  }

  /** Sends an AARQ of any octets; the AARE, or what came in its place. */
  *sendAarq(
    apdu: Uint8Array,
    what: string,
    expected: string,
    patience?: Sending['patience'],
  ): Script<SeenAare | Answer> {
    const answer = yield* this.dialogue.send(apdu, what, { expected, ...(patience ? { patience } : {}) });
    if (answer.kind !== 'apdu' || answer.apdu[0] !== 0x61) return answer;
    const aare = seeAare(answer.apdu);
    if (typeof aare === 'string') return this.recorder.fail('an AARE that can be read', aare);
    this.recorder.found(describeAare(aare));
    return aare;
  }

  /** Opens an association with everything judged: AARE, InitiateResponse, HLS passes 3 and 4. */
  *associate(opening: Opening = {}): Script<SeenAare> {
    this.clientChallenge = this.freshChallenge();
    this.dedicatedKey = opening.initiate?.dedicatedKey;
    const aare = yield* this.aarq(opening, 'AARQ', 'an AARE that accepts');
    this.judgeAccepted(aare, opening.initiate?.conformance ?? proposed[this.target.referencing]);
    if (isHls(this.target)) yield* this.prove();
    return aare;
  }

  /** An AARE that accepts, with an InitiateResponse that keeps to what was proposed. */
  judgeAccepted(aare: SeenAare, offered: number): void {
    const recorder: Recorder = this.recorder;
    const { target } = this;
    const isRight = aare.result === 0 && aare.source === 'user' && aare.reason === (isHls(target) ? 14 : 0);
    const reason = isHls(target) ? 'authentication-required (14)' : 'null (0)';
    recorder.check(isRight, `result accepted (0), user diagnostic ${reason}`, describeAare(aare));
    const context = (target.referencing === 'ln' ? 1 : 2) + (isCiphered(target) ? 2 : 0);
    recorder.check(aare.context === context, `application context ${context}`, `${aare.context ?? 'none'}`);
    this.serverTitle = aare.title ?? this.serverTitle;
    if (isCiphered(target) || hlsMechanisms[target.mechanism]?.needsTitles) {
      recorder.check(
        aare.title?.length === 8,
        'a responding AP title of 8 octets',
        `${aare.title?.length ?? 'none'}`,
      );
    }
    this.serverChallenge = aare.challenge;
    if (isHls(target)) {
      const length = aare.challenge?.length ?? 0;
      recorder.check(length >= 8 && length <= 64, 'a challenge of 8 to 64 octets', `${length} octets`);
      const isOwn = aare.challenge !== undefined && equalBytes(aare.challenge, this.clientChallenge);
      recorder.check(!isOwn, 'a challenge of the meter’s own', 'the challenge of the client, sent back');
    }
    this.judgeInitiate(aare, offered);
  }

  private judgeInitiate(aare: SeenAare, offered: number): void {
    const recorder: Recorder = this.recorder;
    const { target } = this;
    const octets = aare.userInformation;
    recorder.check(octets !== undefined, 'user information with an InitiateResponse', 'none');
    const plain = isCiphered(target) ? this.openGlobal(octets) : octets;
    const initiate = seeInitiate(plain);
    if (typeof initiate === 'string') recorder.fail('an InitiateResponse', initiate);
    recorder.check(initiate.version === 6, 'DLMS version 6', `${initiate.version}`);
    const beyond = initiate.conformance & ~offered;
    recorder.check(
      beyond === 0,
      'no service beyond what was proposed',
      `${hex24(initiate.conformance)} of ${hex24(offered)}`,
    );
    const vaa = target.referencing === 'ln' ? 7 : 0xfa00;
    recorder.check(initiate.vaaName === vaa, `VAA name ${vaa}`, `${initiate.vaaName}`);
    const isLarge = initiate.maxPdu === 0 || initiate.maxPdu >= 12;
    recorder.check(isLarge, 'a PDU size of at least 12 octets', `${initiate.maxPdu}`);
    recorder.found(`${describeAare(aare)}; services ${hex24(initiate.conformance)}, PDU ${initiate.maxPdu}`);
    this.negotiated = initiate.conformance;
  }

  /** Passes 3 and 4 with the right proof. */
  *prove(): Script<void> {
    const proof = this.proofOf();
    const answer = yield* this.sendProof(proof, 'the meter’s answer to the challenge');
    const returned = answer.kind === 'apdu' ? this.proofIn(this.unprotect(answer.apdu)) : undefined;
    this.recorder.check(returned !== undefined, 'success with f(CtoS)', describeAnswer(answer));
    const hls = hlsMechanisms[this.target.mechanism];
    const verdict = hls?.verify(this.handshake(), 'server', returned);
    this.recorder.check(verdict?.isRight === true, 'f(CtoS) that proves the meter', toHex(returned));
    if (verdict?.invocationCounter !== undefined) this.proofCounters.push(verdict.invocationCounter);
  }

  /** f(StoC) of the challenges at hand. */
  proofOf(): Uint8Array {
    const hls = hlsMechanisms[this.target.mechanism];
    if (!hls) throw new Finding('inconclusive', 'the mechanism has no challenges');
    return hls.prove(this.handshake(), 'client', () => this.nextCounter());
  }

  /** Sends a proof as reply_to_HLS_authentication. */
  *sendProof(proof: Uint8Array, expected: string, patience?: Sending['patience']): Script<Answer> {
    const value = concatBytes(Uint8Array.of(0x09, proof.length), proof);
    const request =
      this.target.referencing === 'ln'
        ? concatBytes(this.head(0xc3, 1), descriptor(currentAssociation), Uint8Array.of(1), value)
        : concatBytes(Uint8Array.of(0x05, 1, 4, replyToHlsSn >> 8, replyToHlsSn & 0xff, 0), value);
    const what = 'reply_to_HLS_authentication';
    return yield* this.dialogue.send(this.protect(request), what, {
      expected,
      ...(patience ? { patience } : {}),
    });
  }

  /** The proof in an answer; undefined when the meter refused. */
  proofIn(plain: Uint8Array): Uint8Array | undefined {
    const head =
      this.target.referencing === 'ln' ? [0xc7, 1, plain[2] ?? 0, 0, 1, 0, 0x09] : [0x0c, 1, 0, 0x09];
    if (!head.every((octet, i) => plain[i] === octet)) return undefined;
    const proof = plain.subarray(head.length + 1);
    return proof.length === plain[head.length] ? proof : undefined;
  }

  handshake(): Handshake {
    const { systemTitle, secret, keys, signing } = this.target;
    return {
      clientTitle: systemTitle,
      serverTitle: this.serverTitle,
      clientChallenge: this.clientChallenge,
      serverChallenge: this.serverChallenge ?? new Uint8Array(0),
      secret,
      keys,
      signing,
    };
  }

  /** Tag, kind and a fresh invoke id of a request with logical names. */
  head(tag: number, kind: number): Uint8Array {
    this.invokeId = (this.invokeId % 15) + 1;
    return Uint8Array.of(tag, kind, this.invokeId | confirmed | highPriority);
  }

  /** The invoke id octet of the request under way. */
  invokeOctet(): number {
    return this.invokeId | confirmed | highPriority;
  }

  /** RLRQ and the RLRE that must come. */
  *release(): Script<void> {
    const initiate = buildInitiate({ conformance: proposed[this.target.referencing] });
    const rlrq = buildRlrq(isCiphered(this.target) ? this.seal(initiate) : undefined);
    const answer = yield* this.dialogue.send(rlrq, 'RLRQ', { expected: 'an RLRE' });
    const isRight = answer.kind === 'apdu' && answer.apdu[0] === 0x63;
    this.recorder.check(isRight, 'an RLRE', describeAnswer(answer));
  }
}
