/** The page of one meter in a real browser: display, phasors, wave, harmonics, registers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chromiumMissing } from '../chromium.ts';
import { screenSession, textOf } from './screen-session.ts';

describe('the page of a meter', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();
  const path = '/meter/WTL10000001';

  test('shows the moment: power, switch, its own clock, and where the wave comes from', async () => {
    const page = await session.open(path);
    const line = page.locator('.moment-line');
    await line.waitFor();
    assert.match(await textOf(line), /3\.51 ?kW power factor 0\.968 49\.98.Hz switch closed read at 12:00/);
    await page.getByText('Angles out of the samples of the meter.').waitFor();
    assert.match(await page.title(), /^Meter WTL10000001/);
  });
  test('draws six phasors, L1 to the right, and a row for each phase', async () => {
    const page = await session.open(path);
    await page.locator('.phasors').waitFor();
    assert.equal(await page.locator('.phasor').count(), 6);
    const first = page.locator('.phasor-voltage.phase-1 line');
    assert.ok(Number(await first.getAttribute('x2')) > Number(await first.getAttribute('x1')));
    assert.match(
      await textOf(page.locator('.phase-table tbody tr').nth(1)),
      /^L2 229\.4 3\.10 17\.0 2\.02 12\.40$/,
    );
  });
  test('another phase changes wave and harmonics', async () => {
    const page = await session.open(path);
    const wave = page.locator('svg.wave');
    await wave.waitFor();
    const before = await wave.getAttribute('aria-label');
    await page.getByRole('button', { name: 'L3' }).click();
    await page.locator('svg.harmonics[aria-label^="Harmonics of L3"]').waitFor();
    assert.notEqual(await wave.getAttribute('aria-label'), before);
    assert.equal(await page.locator('.harmonic-current rect').count(), 30);
  });
  test('the display is the one of the meter; a press looks at the next page of its lists, and it goes back', async () => {
    const page = await session.open(path);
    const display = page.locator('svg.display');
    await display.waitFor();
    const label = async () => (await display.getAttribute('aria-label')) ?? '';
    assert.equal(await label(), 'Display: 1.8.0 24872.41 kWh, L1 L2 L3 QI COM');
    assert.equal(await display.locator('.segment.is-on').count(), 5 + 4 + 7 + 3 + 5 + 4 + 2);
    const next = page.getByRole('button', { name: 'Next page' });
    for (let press = 0; press < 3; press++) await next.click();
    assert.match(await label(), /^Display: 1\.7\.0 3\.512 kW/);
    await page.clock.fastForward(61_000);
    await page.locator('svg.display[aria-label^="Display: 1.8.0"]').waitFor();
  });
  test('a meter that does not answer is said to, with its code, and is asked again', async () => {
    session.api.fail(/moment$/, 503, 'server/meter-not-answering');
    const page = await session.open(path, { failsRequests: true });
    await page.getByText('server/meter-not-answering').waitFor();
    session.api.mend();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.register-table').waitFor();
  });
  test('the list of meters leads here', async () => {
    const page = await session.open('/operator');
    await page.locator('.meter-row').first().waitFor();
    await page.locator('.meter-row .meter-serial a').first().click();
    await page.locator('.register-table').waitFor();
    assert.match(page.url(), /\/meter\//);
  });
});
