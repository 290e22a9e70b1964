/** The operator's screen in a real browser: read rate, states, exceptions, live events, reading a meter now. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixtureEvent, fixtureExceptions } from '../../portal/stories/fixture-operations.ts';
import { fixtureMeters } from '../../portal/stories/fixture-town.ts';
import { chromiumMissing } from '../chromium.ts';
import { fixtureToken } from './fixture-api.ts';
import { screenSession, textOf } from './screen-session.ts';

describe('the operator screen', { skip: chromiumMissing() ?? false }, () => {
  const session = screenSession();

  test('the read rate of today stands with its counts, time and zone', async () => {
    const page = await session.open('/operator');
    await page.locator('.read-rate').waitFor();
    const text = await textOf(page.locator('.read-rate'));
    assert.match(text, /^97\.3 % 5,551 of 5,700 intervals, .*14:22 Europe\/London/);
    assert.match(text, /84 estimated 65 missing/);
  });

  test('meters are counted by state', async () => {
    const page = await session.open('/operator');
    await page.locator('.states').waitFor();
    for (const state of ['ok', 'late', 'unreachable', 'refused', 'waiting'] as const) {
      const expected = fixtureMeters.filter((meter) => meter.state === state).length;
      assert.equal(await textOf(page.locator(`[data-count=${state}]`)), String(expected), state);
    }
  });

  test('exceptions are counted by kind, and a kind filters the list', async () => {
    const page = await session.open('/operator');
    const board = page.locator('.exceptions');
    await board.waitFor();
    for (const { kind, count } of fixtureExceptions(null).counts) {
      assert.equal(await textOf(board.locator(`[data-count=${kind}]`)), String(count), kind);
    }
    await board.getByRole('button', { name: /Readings missing/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('.exceptions .events li').length === 2);
    assert.match(page.url(), /kind=reading-missing/);
  });

  test('tasks of a rule are chosen all at once and ended with a name, a reason and the token', async () => {
    const page = await session.open('/operator', { failsRequests: true });
    const card = page.locator('.card-work');
    await card.getByText('UP-0031').waitFor();
    assert.equal(await textOf(card.locator('[data-count=frozen]')), '2');
    await card.getByRole('button', { name: /frozen/ }).click();
    await card.getByText('UP-0031').waitFor({ state: 'detached' });
    const accept = card.getByRole('button', { name: /^Accept/ });
    assert.equal(await accept.isDisabled(), true, 'nobody is named yet');
    await card.getByLabel('All 2 shown').check();
    await card.getByLabel('Your name').fill('Asha');
    await card.getByLabel('Reason').fill('street lamps');
    assert.equal(await textOf(accept), 'Accept 2');
    await accept.click();
    await card.getByLabel('Access token').fill(fixtureToken);
    await card.getByRole('button', { name: 'Sign in' }).click();
    await card.getByText('2 tasks ended.').waitFor();
  });

  test('commands that wait show what they do where, who signed, why they wait, and a window that counts down', async () => {
    const page = await session.open('/operator', { failsRequests: true });
    const card = page.locator('.card-approvals');
    const batch = card.locator('[data-key="6f1c2b"]');
    await batch.waitFor();
    const text = await textOf(batch);
    assert.match(text, /disconnect, 12 meters held May be cancelled for 12 min 00 s/);
    assert.match(text, /TX-03 transformer 4 20 kW 2, 12 kW/);
    assert.match(text, /Signed by asha 14:14, ben 14:19\./);
    assert.match(text, /guard\/limit-window/);
    assert.equal(await batch.locator('.is-over').count(), 1, 'one place has more than its limits leave');
    // Nothing new is heard of the signer: the window runs on by what it said last.
    session.api.fail(/^commands\/board$/, 503, 'signer/channel-closed');
    await page.clock.runFor(61_000);
    await batch.getByText(/^(11|10) min \d\d s$/).waitFor();
    const waiting = card.locator('[data-key^="campaign/"]');
    await waiting.getByText('How to approve').click();
    await waiting.getByText('wattline headend job approve campaign/clock-fix/0/activation/1').waitFor();
    assert.equal(
      await card.getByRole('button', { name: /approve|sign/i }).count(),
      0,
      'the page signs nothing',
    );
  });

  test('to stop takes a name and the token: a batch is cancelled, the red switch pulled', async () => {
    const page = await session.open('/operator', { failsRequests: true });
    const card = page.locator('.card-approvals');
    const cancel = card.locator('[data-key="6f1c2b"]').getByRole('button', { name: 'Cancel it' });
    await cancel.waitFor();
    assert.equal(await cancel.isDisabled(), true, 'nobody is named yet');
    await card.getByLabel('Your name').fill('Ben');
    await cancel.click();
    await card.getByLabel('Access token').fill(fixtureToken);
    await card.getByRole('button', { name: 'Sign in' }).click();
    await card.getByText('The batch is cancelled.').waitFor();
    await card.getByRole('button', { name: 'Pull the red switch' }).click();
    await card.locator('.notice').getByText('The red switch is pulled.').waitFor();
  });

  test('an event appears the moment it happens, and once', async () => {
    const page = await session.open('/operator');
    await page.getByText('live', { exact: true }).waitFor();
    const event = fixtureEvent(401, 'tamper-cover', 5, 'terminal cover opened');
    session.api.push(event);
    session.api.push(event);
    const first = page.locator('.card-events .events li').first();
    await first.getByText('terminal cover opened').waitFor();
    assert.match(await textOf(first), /Cover opened/);
    assert.equal(await page.getByText('terminal cover opened').count(), 1);
  });

  test('a lost connection says so and comes back by itself', async () => {
    const page = await session.open('/operator', { failsRequests: true });
    await page.getByText('live', { exact: true }).waitFor();
    session.api.dropStreams();
    await page.getByText('connection lost, trying again').waitFor();
    await page.clock.fastForward(4_000);
    await page.getByText('live', { exact: true }).waitFor();
  });

  test('the grid shows every meter once, and a transformer lists its own', async () => {
    const page = await session.open('/operator');
    await page.locator('.transformer').first().waitFor();
    assert.equal(await page.locator('.meter-marks .glyph').count(), fixtureMeters.length);
    await page.getByRole('button', { name: /^TX-02:/ }).click();
    const expected = fixtureMeters.filter(({ transformer }) => transformer === 'TX-02').length;
    await page.getByText(`${expected} of 100 meters`).waitFor();
  });

  test('the list filters by state and search, and says when nothing fits', async () => {
    const page = await session.open('/operator');
    await page.getByRole('combobox').selectOption('late');
    await page.getByText('3 of 100 meters').waitFor();
    const states = await page
      .locator('.meter-row')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state')));
    assert.deepEqual(states, ['late', 'late', 'late']);
    await page.getByPlaceholder(/Serial, customer/).fill('no such meter');
    await page.getByText('No meter fits').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('100 of 100 meters').waitFor();
  });

  test('a hundred meters are in the list, only those in sight on the page', async () => {
    const page = await session.open('/operator');
    const table = page.getByRole('table', { name: 'All meters' });
    await table.waitFor();
    assert.equal(await table.getAttribute('aria-rowcount'), '101');
    const drawn = await page.locator('.meter-row').count();
    assert.ok(drawn > 8 && drawn < 40, `${drawn} rows drawn`);
    await page.getByRole('columnheader', { name: 'Meter', exact: true }).getByRole('button').click();
    await page.locator('.meter-scroll').evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
    await page.locator(`[data-serial=${fixtureMeters.at(-1)?.serial}]`).waitFor();
  });

  test('reading a meter now asks for the token first and then says what came', async () => {
    const page = await session.open('/operator', { failsRequests: true });
    await page.getByRole('button', { name: 'Read now' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Access token').fill('wrong');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.getByText('server/login-refused').waitFor();
    await dialog.getByLabel('Access token').fill(fixtureToken);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/answered: 3 interval values came/).waitFor();
    assert.equal(await dialog.count(), 0);
  });
});
