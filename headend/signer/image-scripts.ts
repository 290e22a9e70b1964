/** Firmware (Blue Book 4.4.6): an image brought to a meter and verified there; and, as a command of its own, activated. */
import { transferImage } from '../campaign/image-transfer.ts';
import { parametersOf } from '../guard/batch.ts';
import {
  act,
  nothingDone,
  proved,
  read,
  readNumber,
  type Script,
  type ScriptPart,
  type ScriptRequest,
  type ScriptTask,
  unproved,
} from './script.ts';

/** The image itself, and whether this very one was begun in the meter before. */
export interface ImageScriptTask extends ScriptTask {
  readonly image: Uint8Array;
  readonly wasInitiated: boolean;
}

/** control_state of the supply switch: what an image that runs wrong may change. */
const supplyState = { classId: 70, obis: '0.0.96.3.10.255', attribute: 3 };
const connected = 1;
/** Codes of image_transfer_status. */
const status = { verified: 3, activating: 5, activated: 6, failed: 7 } as const;

export function* firmwareTransferScript({ batch, objects, image, wasInitiated }: ImageScriptTask): Script {
  const { manifest } = parametersOf(batch, 'firmware-transfer');
  if ((yield* readVersion(objects.firmwareVersion)) === manifest.version) {
    return { isDone: true, isSwitched: false, result: `runs ${manifest.version} already` };
  }
  let progress: ScriptRequest['progress'];
  const script = transferImage({
    ...{ identification: Buffer.from(manifest.image, 'latin1'), image, wasInitiated, isActivated: false },
    obis: objects.imageTransfer,
    onBlock(done, of) {
      progress = { done, of };
    },
  });
  let step = script.next();
  while (!step.done) {
    const request = step.value;
    const answer = yield { request, isActing: request.kind === 'action', ...(progress ? { progress } : {}) };
    if (!answer) break;
    step = script.next(answer);
  }
  const { state, blocks, of, answer } = step.done ? step.value : { state: 'refused', blocks: 0, of: 0 };
  const result = `${state}, ${blocks} of ${of} blocks${answer ? `, the meter answered ${answer}` : ''}`;
  if (state === 'verified') return { isDone: true, isSwitched: false, result };
  // A meter that still verifies is asked again.
  return answer === 'temporary-failure' ? { ...unproved(result), more: 'later' } : nothingDone(result);
}

/** Activates what lies verified in the meter, if that is the image that was signed; done when the meter says that it runs. */
export function* firmwareActivationScript({ batch, objects, wasSealed }: ScriptTask): Script {
  const { manifest } = parametersOf(batch, 'firmware-activation');
  const object = { classId: 18, obis: objects.imageTransfer };
  const runs = `runs ${manifest.version}`;
  if ((yield* readVersion(objects.firmwareVersion)) === manifest.version) {
    return { isDone: true, isSwitched: wasSealed, result: runs };
  }
  const before = yield* readNumber({ ...object, attribute: 6 });
  if (wasSealed && before === status.failed) {
    return { isDone: false, isSwitched: true, result: 'the meter says that the activation failed' };
  }
  if (wasSealed && (before === status.activating || before === status.activated)) {
    return { ...unproved('the meter is not done with the activation'), more: 'later' };
  }
  if (before !== status.verified)
    return nothingDone(`image_transfer_status ${before ?? 'unknown'}: nothing is verified`);
  const wrong = yield* imageProblem(object.obis, manifest);
  if (wrong !== undefined) return nothingDone(wrong);
  const supply = yield* readNumber(supplyState);
  const answer = yield* act({ ...object, method: 4 }, { type: 'integer', value: 0 });
  if ((yield* readVersion(objects.firmwareVersion)) === manifest.version) {
    const isOpened = supply === connected && (yield* readNumber(supplyState)) !== connected;
    return proved(isOpened ? `${runs}, supply opened` : runs);
  }
  const after = yield* readNumber({ ...object, attribute: 6 });
  // A meter that refused says so and stands as before; one that restarts is looked at in another session.
  if (after === status.verified) return nothingDone(`the meter answered ${answer}`);
  if (after === status.failed) return { isDone: false, isSwitched: true, result: 'the activation failed' };
  return { ...unproved(`the meter answered ${answer}`), more: 'later' };
}

/** Why what lies verified in the meter is not the image of the manifest. */
function* imageProblem(
  obis: string,
  { image, octets }: { readonly image: string; readonly octets: number },
): ScriptPart<string | undefined> {
  const info = yield* read({ classId: 18, obis, attribute: 7 });
  const images = info?.type === 'array' ? info.value : [];
  const isThere = images.some((one) => {
    const [size, name] = one.type === 'structure' ? one.value : [];
    return (
      size?.type === 'double-long-unsigned' &&
      size.value === octets &&
      name?.type === 'octet-string' &&
      Buffer.from(name.value).toString('latin1') === image
    );
  });
  return isThere ? undefined : `the image that lies verified in the meter is not ${image}`;
}

function* readVersion(obis: string): ScriptPart<string | undefined> {
  const data = yield* read({ classId: 1, obis, attribute: 2 });
  if (data?.type !== 'octet-string' && data?.type !== 'visible-string') return undefined;
  return typeof data.value === 'string' ? data.value : Buffer.from(data.value).toString('latin1');
}
