/** Loading, empty, late and wrong are designed states: each says what is, and what to do. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { emptyPoint, fixtureAbout, latePoint } from '../../portal/stories/fixture-town.ts';
import { chromiumMissing } from '../chromium.ts';
import { screenSession, textOf } from './screen-session.ts';

describe('states of the screens', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();
  const failsRequests = true;

  test('while nothing has come, shapes stand where it will be', async () => {
    session.api.hold(/./);
    const page = await session.open('/customer/UP-0001');
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    session.api.mend();
    await page.getByRole('heading', { name: 'Asha Thompson' }).waitFor();
    await page.locator('.today-hero').waitFor();
    assert.equal(await page.getByRole('status', { name: 'Loading' }).count(), 0);
  });

  test('a failure shows its code, what to do, and a retry that works', async () => {
    session.api.fail(/readings/, 500, 'server/internal');
    const page = await session.open('/customer/UP-0001', { failsRequests });
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    const text = await textOf(alert);
    assert.match(text, /The server failed/);
    assert.match(text, /server\/internal/);
    session.api.mend();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.today-hero').waitFor();
  });

  test('a customer that is none says so with the code of the server', async () => {
    const page = await session.open('/customer/UP-9999', { failsRequests });
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    assert.match(await textOf(alert), /Not found[\s\S]*server\/unknown-usage-point/);
  });

  test('values stay when refreshing fails, with their age', async () => {
    const page = await session.open('/customer/UP-0001', { failsRequests });
    await page.locator('.today-hero').waitFor();
    session.api.fail(/readings/, 503, 'server/busy');
    await page.clock.fastForward(61_000);
    await page
      .getByText(/Not refreshed for \d+ (s|min)/)
      .first()
      .waitFor();
    assert.ok(await page.locator('.today-hero').isVisible());
  });

  test('a meter that is late is said to be, with the age of its last reading', async () => {
    const page = await session.open(`/customer/${latePoint}`);
    await page
      .getByText('The meter is late: its last reading is 5 h old (Sat 21 Nov 08:45).', { exact: false })
      .waitFor();
    await page.locator('[data-state=late]').waitFor();
  });

  test('a customer without readings and bills has a page that says so', async () => {
    const page = await session.open(`/customer/${emptyPoint}`);
    await page.getByText('No readings yet').waitFor();
    await page.getByText('No bill yet').waitFor();
  });

  test('an address without a screen leads back', async () => {
    const page = await session.open('/nowhere');
    await page.getByRole('link', { name: 'To the start page' }).click();
    await page.getByRole('heading', { level: 1, name: /Every kilowatt-hour/ }).waitFor();
  });

  test('while the town is read for the first time its progress is shown', async () => {
    session.api.setAbout({ ...fixtureAbout, ready: false, collectedMeters: 37 });
    const page = await session.open('/');
    await page.getByText('37 of 100 meters have delivered their history', { exact: false }).waitFor();
    assert.equal(await page.getByRole('progressbar').getAttribute('aria-valuenow'), '37');
    session.api.setAbout(fixtureAbout);
    await page.clock.fastForward(11_000);
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
  });

  test('while readings are not stored the operator is told since when and what to do', async () => {
    const trouble = {
      code: 'store/disk-full',
      advice: 'The disk is full: free space on it, then go on.',
      since: fixtureAbout.now,
    };
    session.api.setAbout({ ...fixtureAbout, trouble });
    const page = await session.open('/operator');
    await page.getByText('free space on it, then go on. (store/disk-full)', { exact: false }).waitFor();
    session.api.setAbout(fixtureAbout);
    await page.clock.fastForward(11_000);
    await page.getByText('store/disk-full', { exact: false }).waitFor({ state: 'detached' });
  });

  test('a server that wants to know who asks shows the sign-in alone', async () => {
    session.api.fail(/about/, 401, 'server/login-required');
    const page = await session.open('/', { failsRequests });
    await page.getByLabel('Access token').fill('f'.repeat(64));
    await page.clock.fastForward(6_000);
    assert.equal(await page.getByLabel('Access token').inputValue(), 'f'.repeat(64));
    assert.equal(await page.locator('.picker').count(), 0);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.picker').waitFor();
    session.api.mend();
  });

  test('a server that is gone is named at the top, once, and what was known stays', async () => {
    const page = await session.open('/operator', { failsRequests });
    await page.locator('.read-rate').waitFor();
    session.api.fail(/about/, 502, 'server/gone');
    await page.clock.fastForward(11_000);
    await page.locator('main > .late').waitFor();
    assert.ok(await page.locator('.read-rate').isVisible());
  });
});
