/** The frame decoder in a real browser: examples, the tree and the octets together, the keyboard, what is wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { frameExamples } from '../../portal/src/frame-examples.ts';
import { decodeFrames } from '../../server/api/frames.ts';
import { chromiumMissing } from '../chromium.ts';
import { screenSession, textOf } from './screen-session.ts';

test('every example decodes whole, but for the one that is broken', () => {
  for (const { id, ...example } of frameExamples) {
    const { problem, frames } = decodeFrames(example);
    assert.equal(problem === null, id !== 'broken', id);
    assert.ok(frames.length > 0);
    const isOpened = JSON.stringify(frames).includes('"plaintext"');
    assert.equal(isOpened, id === 'ciphered');
  }
});

describe('the frame screen', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();
  const marked = (page: Page) =>
    page
      .locator('.octet-marked')
      .allInnerTexts()
      .then((octets) => octets.join(' '));
  const row = (page: Page, name: string) =>
    page.locator('.frame-row', { has: page.locator('.frame-name', { hasText: new RegExp(`^${name}$`) }) });

  test('the start screen leads there, and an example shows its fields beside its octets', async () => {
    const page = await session.open('/');
    await page.getByRole('link', { name: 'Decode a captured frame' }).click();
    await page.getByRole('button', { name: 'HDLC: SNRM and UA' }).click();
    await page.getByRole('tree').waitFor();
    assert.equal(await page.locator('.frame-name', { hasText: /^hdlc-frame$/ }).count(), 2);
    assert.match(await textOf(page.locator('.octet-lines').first()), /^0 7E A0 07 03 21 93 0F 01 7E/);
  });

  test('a field pointed at shows its octets, an octet its field', async () => {
    const page = await session.open('/frames');
    await page.getByRole('button', { name: 'HDLC: SNRM and UA' }).click();
    await row(page, 'frame-check').first().hover();
    assert.equal(await marked(page), '0F 01');
    await page.locator('.octet[data-at="4"]').first().hover();
    assert.equal(await marked(page), '21');
    await page.locator('.octet[data-at="5"]').first().click();
    assert.match(await textOf(page.locator('.frame-row[aria-selected=true]')), /control SNRM P\/F/);
  });

  test('the tree is walked, folded and unfolded by keyboard', async () => {
    const page = await session.open('/frames');
    await page.getByRole('button', { name: 'A ciphered GET with its keys' }).click();
    await page.locator('.frame-row').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.equal(await textOf(page.locator('.frame-row:focus .frame-name')), 'security-control');
    assert.equal(await marked(page), '30');
    await page.keyboard.press('End');
    assert.equal(await textOf(page.locator('.octet-grid-marked h3')), 'Deciphered, 13 octets');
    await row(page, 'plaintext').focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await row(page, 'get-request').count(), 0);
    assert.equal(await row(page, 'plaintext').getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('ArrowRight');
    assert.equal(await row(page, 'get-request').count(), 1);
  });

  test('keys open what is ciphered; without them it stays closed; they stand in no address and no storage', async () => {
    const page = await session.open('/frames');
    const {
      text,
      ek = '',
      ak = '',
      systemTitle = '',
    } = frameExamples.find(({ id }) => id === 'ciphered') ?? { text: '' };
    await page.getByLabel('Captured octets').fill(text);
    await page.getByRole('button', { name: 'Decode', exact: true }).click();
    await row(page, 'ciphertext').waitFor();
    assert.equal(await row(page, 'plaintext').count(), 0);
    await page.getByText('Keys, for what is ciphered').click();
    await page.getByLabel('Encryption key').fill(ek.replace(/(..)/g, '$1 '));
    await page.getByLabel('Authentication key').fill(ak);
    await page.getByLabel('System title').fill(systemTitle);
    await page.getByRole('button', { name: 'Decode', exact: true }).click();
    await row(page, 'plaintext').waitFor();
    assert.match(await textOf(row(page, 'obis')), /0\.0\.1\.0\.0\.255/);
    const kept = await page.evaluate(() =>
      JSON.stringify([location.href, Object.entries(localStorage), Object.entries(sessionStorage)]),
    );
    assert.ok(!kept.includes(ek));
  });

  test('what cannot be read is told with its octet, beside what could', async () => {
    const page = await session.open('/frames');
    await page.getByRole('button', { name: 'Something broken' }).click();
    assert.match(
      await textOf(page.locator('.frame-problem')),
      /^Reading stopped at octet 25 expected 13 octets after the wrapper, found 8/,
    );
    assert.ok((await page.locator('.frame-row-wrong').count()) >= 2);
    assert.match(await textOf(row(page, 'class-id')), /8/);
  });

  test('text that is no octets is told with its line and column', async () => {
    const page = await session.open('/frames', { failsRequests: true });
    await page.getByLabel('Captured octets').fill('7E A0\nhello');
    await page.getByRole('button', { name: 'Decode', exact: true }).click();
    assert.match(
      await textOf(page.getByRole('alert')),
      /These are no octets .*found 'h' at line 2, column 1/,
    );
  });

  for (const isDark of [false, true]) {
    test(`a decoded capture fits 360 px and can be read in ${isDark ? 'dark' : 'light'}`, async () => {
      const { lowContrasts } = await import('./contrast.ts');
      const page = await session.open('/frames', { width: 360, isDark });
      await page.getByRole('button', { name: 'Association with a password' }).click();
      await page.getByRole('tree').waitFor();
      await row(page, 'mechanism-name').first().click();
      assert.deepEqual(await lowContrasts(page), []);
      const [inner, outer] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.ok((inner ?? 0) <= (outer ?? 0), `${inner} of ${outer}`);
    });
  }
});
