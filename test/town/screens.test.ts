/** Both screens in a real Chromium on the real stack: what they show is what the meters said. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Bill, Page as ListPage, MeterMoment, MeterStatus } from '@wattline/model';
import type { Browser, Page } from 'playwright-core';
import { chromiumMissing, launchChromium } from '../chromium.ts';
import { startTestTown, type TestTown } from './running-town.ts';

describe('the screens of a running town', { skip: chromiumMissing() ?? false }, () => {
  let town: TestTown;
  let browser: Browser;
  before(async () => {
    town = await startTestTown({ meters: 6 });
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
    await town.stop();
  });

  /** Opens a page and, when the test is done with it, asserts that the console was silent. */
  async function withPage(path: string, look: (page: Page) => Promise<void>): Promise<void> {
    const complaints: string[] = [];
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    try {
      await page.goto(town.url + path);
      await look(page);
      assert.deepEqual(complaints, []);
    } finally {
      await page.close();
    }
  }

  test('the customer sees the bill of the closed month as it was computed, and its lines sum to the total', async () => {
    const { items } = await town.get<ListPage<Bill>>('/api/v1/usage-points/UP-0002/bills');
    const closed = items.find((bill) => bill.state === 'closed');
    assert.ok(closed);
    await withPage(`/customer/UP-0002?month=${closed.month}`, async (page) => {
      const total = page.locator('.bill-closed [data-total]');
      await total.waitFor();
      assert.equal(await total.getAttribute('data-total'), closed.total);
      const amounts = await page.locator('.bill-closed [data-amount]').all();
      let sum = 0n;
      for (const amount of amounts) sum += BigInt((await amount.getAttribute('data-amount')) ?? '0');
      assert.equal(sum, BigInt(closed.total));
      await page.getByText('agree to the last watt-hour').waitFor();
    });
  });

  test('the page of a meter shows the register that the meter says, and a wave that is said to be modelled', async () => {
    const { items } = await town.get<ListPage<MeterStatus>>('/api/v1/meters');
    const serial = items[0]?.serial ?? '';
    const moment = await town.get<MeterMoment>(`/api/v1/meters/${serial}/moment`);
    assert.equal(moment.serial, serial);
    const total = moment.registers.find(({ obis }) => obis === '1.0.1.8.0.255');
    const sum = ['1.0.1.8.1.255', '1.0.1.8.2.255'].map((code) =>
      BigInt(moment.registers.find(({ obis }) => obis === code)?.value ?? '0'),
    );
    assert.equal(BigInt(total?.value ?? '0'), (sum[0] ?? 0n) + (sum[1] ?? 0n));
    assert.equal(moment.wave?.origin, 'modelled');
    assert.ok(Math.abs((moment.phases[0]?.voltageV ?? 0) - 230) < 20);
    await withPage(`/meter/${serial}`, async (page) => {
      await page.locator('.phasor-voltage').first().waitFor();
      // By itself the display is at any page of its list; the first press of the button shows the first.
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.locator(`svg.display[aria-label^="Display: 1.8.0 "]`).waitFor();
      await page.getByText('This meter measures phasors').waitFor();
    });
  });

  test('the operator sees every meter and hears of a new event while looking', async () => {
    await withPage('/operator', async (page) => {
      await page.getByText('6 commissioned').waitFor();
      await page.getByText('live', { exact: true }).waitFor();
      const now = town.system.clock.now();
      const message = 'a cover was opened for this test';
      await town.system.events.report({
        kind: 'tamper-cover',
        occurredMs: now,
        receivedMs: now,
        usagePointId: 'UP-0003',
        message,
      });
      await page.getByText(message).first().waitFor();
    });
  });
});
