/** Firmware campaigns: the size of the canary, who is in it, when a stage goes on, and what stops it. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { planCampaign } from './campaign-plan.ts';
import { type ControlGroup, defaultVerdictRules, judgeStage, type UpdatedMeter } from './campaign-verdict.ts';
import { alarmFor, canarySize, tailAtLeast } from './canary-size.ts';
import { checkImage, signManifest } from './manifest.ts';

const hourMs = 3_600_000;

describe('the canary', () => {
  test('a 3 % fault that one meter betrays shows with 99.9 % from 227 meters on', () => {
    const question = {
      faultShare: 0.03,
      visibleShare: 1,
      baselineShare: 0,
      detection: 0.999,
      falseAlarm: 0.01,
    };
    assert.deepEqual(canarySize(question), { meters: 227, alarmAt: 1 });
  });

  test('binomial tails are those of the tables', () => {
    // Bin(10, 0.5): P(X >= 8) = 56/1024; Bin(20, 0.1): P(X >= 5) = 0.0432 (four decimals).
    assert.ok(Math.abs(tailAtLeast(8, 10, 0.5) - 56 / 1024) < 1e-12);
    assert.equal(tailAtLeast(5, 20, 0.1).toFixed(4), '0.0432');
    assert.equal(tailAtLeast(1, 227, 0.03) >= 0.999, true);
    assert.equal(tailAtLeast(1, 226, 0.03) >= 0.999, false);
  });

  test('where meters fall silent anyway the canary is larger and the alarm higher, and both promises hold', () => {
    const question = {
      faultShare: 0.03,
      visibleShare: 0.8,
      baselineShare: 0.002,
      detection: 0.9999,
      falseAlarm: 0.01,
    };
    const { meters, alarmAt } = canarySize(question);
    assert.ok(meters > 400 && alarmAt > 1);
    assert.ok(tailAtLeast(alarmAt, meters, 0.024) >= 0.9999);
    assert.ok(tailAtLeast(alarmAt, meters, 0.002) <= 0.01);
    assert.equal(alarmFor(meters, 0.002, 0.01), alarmAt);
  });

  test('every kind of hardware is in it, each meter is in one stage, and the seed says which', () => {
    const candidates = Array.from({ length: 5_000 }, (_, i) => ({
      serial: `M${i}`,
      hardware: i % 1000 === 0 ? 'rare' : i % 3 === 0 ? 'A' : 'B',
    }));
    const plan = planCampaign(candidates, { meters: 300, alarmAt: 2 }, seededRandom('plan'));
    const [canary, second, third] = plan.stages.map(({ meters }) => meters);
    const kinds = new Map(candidates.map(({ serial, hardware }) => [serial, hardware]));
    const count = (kind: string) => canary?.filter((serial) => kinds.get(serial) === kind).length;
    assert.deepEqual([count('rare'), count('A'), count('B')], [5, 100, 200]);
    assert.equal(second?.length, 500);
    assert.equal(new Set([...(canary ?? []), ...(second ?? []), ...(third ?? [])]).size, 5_000);
    assert.deepEqual(plan, planCampaign(candidates, { meters: 300, alarmAt: 2 }, seededRandom('plan')));
  });
});

describe('a stage', () => {
  const nowMs = 1000 * hourMs;
  const calm: ControlGroup = { meters: 5_000, silent: 5, unread: 5, reboots: 10, faults: 5, disconnects: 5 };
  const none = { faults: 0, disconnects: 0 };
  const well = (count: number, atMs: number): UpdatedMeter[] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ serial: `M${i}`, activatedMs: atMs, lastContactMs: nowMs - hourMs, reboots: 1, ...none },
    }));
  const judge = (meters: readonly UpdatedMeter[], control = calm) =>
    judgeStage(meters, control, { nowMs, rules: defaultVerdictRules });

  test('waits until most have the image, then for the soak, then goes on', () => {
    const none = well(300, 0).map((meter) => ({ ...meter, activatedMs: undefined }));
    assert.deepEqual(judge(none), { kind: 'wait', until: 'activation' });
    assert.deepEqual(judge(well(300, nowMs - 71 * hourMs)), { kind: 'wait', until: 'soak' });
    assert.deepEqual(judge(well(300, nowMs - 72 * hourMs)), { kind: 'go-on' });
    const late = [...well(280, nowMs - 80 * hourMs), ...well(20, nowMs - hourMs)];
    assert.deepEqual(judge(late), { kind: 'go-on' });
  });

  for (const [sign, change] of [
    ['silent', { lastContactMs: nowMs - 30 * hourMs }],
    ['unread', { lastIntervalMs: nowMs - 30 * hourMs }],
    ['reboots', { reboots: 9 }],
    ['faults', { faults: 1 }],
    ['disconnects', { disconnects: 1 }],
  ] as const) {
    test(`stops for ${sign}, at any time, and not for what the control group shows too`, () => {
      const meters = well(300, nowMs - 40 * hourMs);
      const harmed = meters.map((meter, i) => (i < 9 ? { ...meter, ...change } : meter));
      const verdict = judge(harmed);
      assert.equal(verdict.kind === 'halt' && verdict.sign, sign);
      const troubled = { ...calm, [sign]: 150 };
      assert.deepEqual(judge(harmed, troubled), { kind: 'wait', until: 'soak' });
    });
  }
});

describe('a manifest', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const image = seededRandom('image').bytes(500);
  const digest = createHash('sha256').update(image).digest('hex');
  const manifest = { image: 'WTL-1.1', version: '1.1', hardware: ['A'], octets: 500, digest };
  const signed = signManifest(manifest, privateKey);

  test('with its image and its maker’s signature is taken', () => {
    const checked = checkImage(signed, image, der);
    assert.deepEqual(checked.ok && checked.value, manifest);
  });

  const other = generateKeyPairSync('ed25519');
  const altered = image.map((octet, i) => (i === 250 ? octet ^ 1 : octet));
  const bad = {
    'an image with one bit changed': () => checkImage(signed, altered, der),
    'an image cut short': () => checkImage(signed, image.subarray(1), der),
    'the signature of somebody else': () => checkImage(signManifest(manifest, other.privateKey), image, der),
    'hardware added after signing': () =>
      checkImage({ ...signed, manifest: { ...manifest, hardware: ['A', 'B'] } }, image, der),
  };
  for (const [what, check] of Object.entries(bad)) {
    test(`with ${what} is refused`, () => {
      const checked = check();
      assert.equal(!checked.ok && checked.error.code, 'headend/image-refused');
    });
  }
});
