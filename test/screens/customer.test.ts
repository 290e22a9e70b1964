/** The customer's screen in a real browser: values, quality, bill, and the way from a line down to the frame. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UsagePointSummary } from '@wattline/model';
import { fixtureBills } from '../../portal/stories/fixture-bills.ts';
import { fixtureNowMs, fixtureZone, seriesOf } from '../../portal/stories/fixture-readings.ts';
import { fixturePoints, householdOf } from '../../portal/stories/fixture-town.ts';
import { chromiumMissing } from '../chromium.ts';
import { screenSession, textOf } from './screen-session.ts';

const point = fixturePoints[0] as UsagePointSummary;
const today = { fromMs: Date.UTC(2026, 10, 21), toMs: fixtureNowMs };

function todayKwh(readingType: 'delivered' | 'received'): string {
  const { value } = seriesOf(householdOf(point), readingType, today);
  const wh = value.reduce<number>((sum, one) => sum + Number(one ?? 0), 0);
  return (wh / 1000).toFixed(2);
}

describe('the customer screen', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();

  test('today shows number, unit, time with zone and quality together', async () => {
    const page = await session.open('/customer/UP-0001');
    await page.getByRole('heading', { name: 'Asha Thompson' }).waitFor();
    await page.locator('.today-hero').waitFor();
    assert.equal(await textOf(page.locator('.today-hero')), `${todayKwh('delivered')} kWh`);
    const main = await textOf(page.locator('.today-main'));
    assert.match(main, /until 13:45 Europe\/London/);
    assert.match(main, /Saturday 21 November 2026/);
    assert.match(main, /53 measured/);
    assert.match(main, /2 estimated/);
    assert.match(main, /2 not read yet/);
  });

  test('a home with solar shows what it sent to the grid and the month so far', async () => {
    const page = await session.open('/customer/UP-0001');
    await page.locator('.today-side').waitFor();
    const side = await textOf(page.locator('.today-side'));
    assert.ok(side.includes(`${todayKwh('received')} kWh`), side);
    const [running] = fixtureBills(point);
    const total = (Number(running?.bill.total) / 100).toFixed(2);
    await page.getByText('November 2026 so far').waitFor();
    assert.ok((await textOf(page.locator('.today-side'))).includes(`£${total}`));
  });

  test('every quality has its own shape beside its own colour', async () => {
    const page = await session.open('/stories.html');
    const marks = await page.locator('[data-story="glyph/quality"] [data-mark]').evaluateAll((tags) =>
      tags.map((tag) => ({
        shape: [...tag.querySelectorAll('path')].map((path) => path.getAttribute('d')).join('|'),
        name: tag.textContent?.trim(),
      })),
    );
    assert.equal(marks.length, 8);
    assert.equal(new Set(marks.map(({ shape }) => shape)).size, 8);
    assert.ok(marks.every(({ name }) => name !== ''));
  });

  test('arrow keys go from day to day, and the address keeps the day', async () => {
    const page = await session.open('/customer/UP-0001?day=2026-11-18');
    const bars = page.getByRole('listbox');
    await bars.waitFor();
    assert.match(await textOf(page.locator('.span-title h3')), /Wednesday 18 November/);
    await bars.press('ArrowRight');
    await page.getByRole('heading', { name: /Thursday 19 November/ }).waitFor();
    assert.match(page.url(), /day=2026-11-19/);
    const label = await page.locator('[role=option][aria-selected=true]').getAttribute('aria-label');
    assert.match(label ?? '', /^Thu 19 Nov: [\d.]+.kWh, 96 measured$/);
  });

  test('the day on which the clock goes back has a hundred quarter hours', async () => {
    const page = await session.open('/customer/UP-0001?day=2026-10-25');
    await page.getByRole('button', { name: 'As a table' }).click();
    const rows = page.locator('.card > .interval-table li');
    assert.equal(await rows.count(), 100);
    const twice = await rows.filter({ hasText: '01:30–01:45' }).count();
    assert.equal(twice, 2);
  });

  test('a day as a table names the quality of every interval', async () => {
    const page = await session.open('/customer/UP-0001?day=2026-11-20');
    await page.getByRole('button', { name: 'As a table' }).click();
    const table = page.locator('.card > .interval-table');
    assert.equal(await table.locator('[data-mark=missing]').count(), 3);
    assert.equal(await table.locator('[data-mark=estimated]').count(), 6);
    assert.equal(await table.locator('[data-mark=suspect]').count(), 1);
    const missing = table.locator('li').filter({ has: page.locator('[data-mark=missing]') });
    assert.match(await textOf(missing.first()), /–.kWh/);
  });

  test('a click on the curve reads out the interval under it', async () => {
    const page = await session.open('/customer/UP-0001?day=2026-11-20');
    const plot = page.locator('.history .u-over');
    const box = await plot.boundingBox();
    assert.ok(box);
    await plot.click({ position: { x: (box.width * (14 * 60 + 5)) / 1440, y: box.height / 2 } });
    const readout = await textOf(page.locator('.history .readout'));
    assert.match(readout, /Fri 20 Nov 14:00–14:15 88 Wh on average 352 W Estimated/);
  });

  describe('the bill', () => {
    test('its lines sum to the total that it shows', async () => {
      const page = await session.open('/customer/UP-0001?month=2026-10');
      const bill = page.locator('article.bill');
      await bill.waitFor();
      const shown = await bill.locator('.bill-line .bill-amount').allInnerTexts();
      const minor = (text: string) => BigInt(text.replace('\u2212', '-').replace(/[^\d-]/g, ''));
      const sum = shown.reduce((total, text) => total + minor(text), 0n);
      assert.equal(shown.length, 5);
      assert.equal(minor(await textOf(bill.locator('.bill-total .bill-amount'))), sum);
      assert.equal(minor(await textOf(bill.locator('.bill-sum-number'))), sum);
      assert.match(await textOf(bill), /Register and intervals agree to the last watt-hour/);
    });

    test('a closed month and the running one can be told apart', async () => {
      const page = await session.open('/customer/UP-0001');
      const months = page.getByRole('navigation', { name: 'Month' });
      await months.waitFor();
      assert.match(await textOf(page.locator('article.bill')), /^Wattline town supply Bill October 2026/);
      await months.getByRole('button', { name: /November 2026/ }).click();
      await page.getByText('not a forecast').waitFor();
      assert.match(page.url(), /month=2026-11/);
    });

    test('a line leads over its days and intervals to versions, checks and frame', async () => {
      const page = await session.open('/customer/UP-0001?month=2026-11');
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.getByRole('button', { name: 'Explain Day' }).click();
      const explanation = page.getByRole('region', { name: 'How this line came about' });
      await explanation.waitFor();
      assert.match(await textOf(explanation), /kWh × 0\.2834 GBP/);
      const days = explanation.getByRole('list', { name: 'Days' }).getByRole('button');
      assert.equal(await days.count(), 21);
      await explanation.getByRole('button', { name: /^Tue 3 Nov/ }).click();
      const intervals = explanation.getByRole('region', { name: /Intervals of Tuesday 3 November/ });
      await intervals.waitFor();
      assert.equal(await intervals.getByRole('listitem').count(), 96);
      assert.ok(asked.some((url) => url.includes('/readings?') && url.includes('asOf=2026-11-21')));
      await intervals.getByRole('button', { name: /^12:00–12:15/ }).click();
      const sheet = page.getByRole('dialog');
      await sheet.getByText('linear-interpolation').waitFor();
      assert.equal(await sheet.locator('.versions li').count(), 2);
      assert.match(await textOf(sheet), /No frame/);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      await intervals.getByRole('button', { name: /^15:00–15:15/ }).click();
      await sheet.locator('.hex').waitFor();
      const text = await textOf(sheet);
      assert.match(text, /7e a0 84 75/);
      assert.match(text, /Meter WTL10000137/);
      assert.match(text, /within-fuse/);
    });

    test('on paper there is the bill alone', async () => {
      const page = await session.open('/customer/UP-0001?month=2026-10');
      await page.locator('article.bill').waitFor();
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('.page-header').isVisible(), false);
      assert.equal(await page.locator('.history').isVisible(), false);
      assert.equal(await page.locator('article.bill').isVisible(), true);
    });
  });

  test('the start page finds a customer by part of a name and leads there', async () => {
    const page = await session.open('/');
    await page.getByPlaceholder('Name, address or usage point').fill('UP-0007');
    const link = page.getByRole('link', { name: /UP-0007/ });
    await link.waitFor();
    await page.waitForFunction(() => document.querySelectorAll('.picker-list li').length === 1);
    await link.click();
    await page.waitForURL(/\/customer\/UP-0007$/);
  });

  test('the head names the town, its time and its zone', async () => {
    const page = await session.open('/');
    await page.getByText('This is a demonstration town, seed 1: nobody lives here.').waitFor();
    const clock = await textOf(page.locator('.town-clock'));
    assert.match(clock, /^Sat 21 Nov 14:2\d:\d\d Europe\/London$/);
    assert.ok(clock.includes(fixtureZone));
  });
});
