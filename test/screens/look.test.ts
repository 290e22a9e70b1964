/** How the screens look, as far as a machine can tell: nothing overflows, text can be read, light and dark. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { chromiumMissing } from '../chromium.ts';
import { lowContrasts } from './contrast.ts';
import { screenSession } from './screen-session.ts';

const places = [
  { path: '/', ready: '.picker-list' },
  { path: '/customer/UP-0001', ready: 'article.bill' },
  { path: '/operator', ready: '.meter-row' },
  { path: '/meter/WTL10000001', ready: '.register-table' },
  { path: '/frames', ready: '.frame-form' },
];

async function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (one) => one.getBoundingClientRect().right > width + 1,
    );
    return wide.slice(0, 5).map((one) => `${one.tagName}.${one.getAttribute('class')}`);
  });
}

describe('the look of the screens', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();

  for (const { path, ready } of places) {
    for (const width of [360, 768, 1440]) {
      test(`${path} fits a screen of ${width} px`, async () => {
        const page = await session.open(path, { width });
        await page.locator(ready).first().waitFor();
        assert.deepEqual(await overflowOf(page), []);
      });
    }
    for (const isDark of [false, true]) {
      test(`text of ${path} has the contrast of WCAG AA in ${isDark ? 'dark' : 'light'}`, async () => {
        const page = await session.open(path, { isDark });
        await page.locator(ready).first().waitFor();
        assert.deepEqual(await lowContrasts(page), []);
      });
    }
  }

  for (const theme of ['light', 'dark']) {
    test(`every part in every state can be drawn and read in ${theme}`, async () => {
      const page = await session.open(`/stories.html?theme=${theme}`);
      await page.locator('[data-story]').last().waitFor();
      assert.ok((await page.locator('[data-story]').count()) > 40);
      assert.deepEqual(await lowContrasts(page), []);
    });
  }

  test('the parts fit a screen of 360 px', async () => {
    const page = await session.open('/stories.html', { width: 360 });
    await page.locator('[data-story]').last().waitFor();
    assert.deepEqual(await overflowOf(page), []);
  });

  test('a chosen appearance is kept, and the device is asked otherwise', async () => {
    const page = await session.open('/', { isDark: true });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: /Appearance/ }).click();
    const light = await ground();
    assert.notEqual(light, dark);
    await page.reload();
    await page.locator('.picker-list').waitFor();
    assert.equal(await ground(), light);
  });

  test('the keyboard reaches the content first by the skip link', async () => {
    const page = await session.open('/operator');
    await page.locator('.read-rate').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  });
});
