/** Every route of the document is asked, and what it answers is held against what the document says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  type Bill,
  type BillExplanation,
  type DeviceItem,
  type DeviceModelItem,
  type HeldMeterItem,
  type IngestReceipt,
  type IntervalExplanation,
  type MeterRouteItem,
  type MissingIntervals,
  type OutageItem,
  type Page,
  quality,
  type ReadingBatch,
  type ReadingSeries,
  type ReadRate,
  type ServiceLevelItem,
  type SilentMeter,
  type SweepOutcome,
  type UsagePointSummary,
} from '@wattline/model';
import { bodyOf, remoteReadings } from '../worker-readings.ts';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import {
  deliver,
  intervalSeconds,
  nowMs,
  type ServedSystem,
  serveSystem,
  whAt,
} from './fixture/served-system.ts';

/** Asked in commands.test.ts and frames.test.ts. */
const askedElsewhere = [
  'decodeFrames',
  'guardStatus',
  'listCommandJobs',
  'metersOfPlace',
  'getCommandBatch',
  'previewCommand',
  'requestCommand',
  'approveCommand',
  'cancelCommand',
  'pullRedSwitch',
  'commandBoard',
  'keyStatus',
  'settleKeys',
  'listCampaigns',
  'getCampaign',
  'startCampaign',
  'haltCampaign',
  'provisionShipment',
];
/** Asked in assets.test.ts and meter-data.test.ts. */
const meterDataOperations = [
  'undoAssetChange',
  'getAssets',
  'getAssetHistory',
  'exchangeMeter',
  'resetRegister',
  'setDials',
  'listRulePacks',
  'setStandingRulePack',
  'setRulePack',
  'setServiceLimit',
  'setTariff',
  'addUsagePoint',
  'takeRegisterRead',
  'listRegisterReads',
  'listInstallOrders',
  'planInstallOrder',
  'finishInstallOrder',
  'cancelInstallOrder',
  'failInstallOrder',
  'listNotices',
  'noticeSent',
  'indexConsumers',
  'importTemperatures',
  'releasePlaced',
  'setMultiplier',
  'setNodeMeter',
  'getPower',
  'listVirtualMeters',
  'defineVirtualMeter',
  'endVirtualMeter',
  'getVirtualReadings',
  'setIntervalLength',
  'rescaleReadings',
  'moveUsagePoint',
  'uncrossMeters',
  'listWork',
  'closeWork',
  'editReadings',
  'listEdits',
  'undoEdit',
  'importFile',
  'exportFile',
  'listHeld',
  'releaseHeld',
  'discardHeld',
  'listChanges',
  'streamChanges',
  'listSubscribers',
  'addSubscriber',
  'removeSubscriber',
  'getTotals',
  'getDeterminants',
  'getGridBalance',
];
const hourMs = 3_600_000;

describe('the API over a system with forty days of readings', () => {
  let served: ServedSystem;
  let api: ApiDocument;
  let check: ReturnType<typeof answerChecker>;
  let bill: Bill;
  const asked = new Set<string>();

  /** Asks, checks the answer against the document, and notes that the operation was asked. */
  async function ask(
    operation: string,
    path: string,
    init: RequestInit & { readonly isSignedIn?: boolean; readonly status?: number } = {},
  ): Promise<never> {
    const response = await served.ask(path, init);
    assert.equal(response.status, init.status ?? 200, `${path}: ${response.status}`);
    asked.add(operation);
    return (await check(operation, response)) as never;
  }

  before(async () => {
    served = await serveSystem();
    await deliver(served.system, 'UP-0001');
    api = await served.get<ApiDocument>('/api/openapi.json');
    check = answerChecker(api);
    const path = '/api/v1/usage-points/UP-0001/bills?month=2026-10';
    bill = await ask('runBill', path, { method: 'POST', isSignedIn: true });
  });
  after(() => served.close());

  test('about says what runs here, and that a town is a demonstration', async () => {
    const about = await ask('about', '/api/v1/about');
    const { mode, town, currency } = about as { mode: string; town: { days: number }; currency: string };
    assert.deepEqual([mode, town.days, currency], ['town', 40, 'GBP']);
  });

  test('usage points are listed by id with meter and channels', async () => {
    const page: Page<UsagePointSummary> = await ask('listUsagePoints', '/api/v1/usage-points');
    assert.deepEqual(
      page.items.map(({ id, meter }) => [id, meter?.serial]),
      [
        ['UP-0001', 'WTL0001'],
        ['UP-0002', 'WTL0002'],
        ['UP-0003', 'WTL0003'],
      ],
    );
    assert.ok(page.items[0]?.channels.some(({ id, unit }) => id === 'UP-0001/delivered' && unit === 'Wh'));
  });

  test('pages join without gap or repeat', async () => {
    const ids: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 5; pages++) {
      const page: Page<UsagePointSummary> = await ask(
        'listUsagePoints',
        `/api/v1/usage-points?limit=1${cursor}`,
      );
      ids.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    assert.deepEqual(ids, ['UP-0001', 'UP-0002', 'UP-0003']);
  });

  test('a usage point is found by a part of its customer or of its meter, whatever the case', async () => {
    for (const q of ['anjali', 'RAO', 'wtl0002']) {
      const page: Page<UsagePointSummary> = await ask('listUsagePoints', `/api/v1/usage-points?q=${q}`);
      assert.deepEqual(
        page.items.map(({ id }) => id),
        ['UP-0002'],
        q,
      );
    }
  });

  test('one usage point, and a coded answer for one that is not there', async () => {
    const point: UsagePointSummary = await ask('getUsagePoint', '/api/v1/usage-points/UP-0002');
    assert.equal(point.customer, 'Anjali Rao');
    const problem = await ask('getUsagePoint', '/api/v1/usage-points/UP-9', { status: 404 });
    assert.equal((problem as { code: string }).code, 'server/unknown-usage-point');
  });

  test('readings default to delivered energy of the last day', async () => {
    const series: ReadingSeries = await ask('getReadings', '/api/v1/usage-points/UP-0001/readings');
    assert.equal(series.value.length, 48);
    assert.equal(Date.parse(series.start), nowMs - 24 * hourMs);
    assert.deepEqual([series.unit, series.scale, series.intervalSeconds], ['Wh', 0, intervalSeconds]);
    assert.equal(series.value[0], whAt(nowMs - 24 * hourMs));
    assert.ok(series.quality.every((flags) => (flags & quality.measured) !== 0));
  });

  test('the local day on which clocks go back has fifty half hours', async () => {
    const path = '/api/v1/usage-points/UP-0001/readings?from=2026-10-25&to=2026-10-26';
    const series: ReadingSeries = await ask('getReadings', path);
    assert.equal(series.start, '2026-10-24T23:00:00Z');
    assert.equal(series.value.length, 50);
    assert.deepEqual(
      series.value,
      series.value.map((_, slot) => whAt(Date.parse(series.start) + slot * intervalSeconds * 1000)),
    );
  });

  test('what was not read is null and missing, never zero', async () => {
    const path = '/api/v1/usage-points/UP-0002/readings?from=2026-11-01&to=2026-11-02';
    const series: ReadingSeries = await ask('getReadings', path);
    assert.equal(series.value.length, 48);
    assert.ok(series.value.every((value) => value === null));
    assert.ok(series.quality.every((flags) => flags === quality.missing));
  });

  test('readings as they were known before they came are missing', async () => {
    const path = `/api/v1/usage-points/UP-0001/readings?asOf=${new Date(nowMs - hourMs).toISOString()}`;
    const series: ReadingSeries = await ask('getReadings', path);
    assert.ok(series.value.every((value) => value === null));
  });

  test('registers stand at local midnights, and their difference is the sum of the day', async () => {
    const query = 'from=2026-10-24&to=2026-10-27';
    const path = `/api/v1/usage-points/UP-0001/readings?${query}`;
    const registers: ReadingSeries = await ask('getReadings', `${path}&readingType=delivered-total`);
    const midnights = registers.value.flatMap((value, slot) =>
      value === null
        ? []
        : [{ at: Date.parse(registers.start) + slot * registers.intervalSeconds * 1000, value }],
    );
    assert.deepEqual(
      midnights.map(({ at }) => new Date(at).toISOString()),
      ['2026-10-23T23:00:00.000Z', '2026-10-24T23:00:00.000Z', '2026-10-26T00:00:00.000Z'],
    );
    const day: ReadingSeries = await ask(
      'getReadings',
      '/api/v1/usage-points/UP-0001/readings?from=2026-10-25&to=2026-10-26',
    );
    const sum = day.value.reduce<number>((total, value) => total + Number(value), 0);
    assert.equal(Number(midnights[2]?.value) - Number(midnights[1]?.value), sum);
  });

  test('an interval is explained down to the frame that brought it', async () => {
    const path = '/api/v1/usage-points/UP-0001/intervals/2026-11-20T00:30:00Z/explanation';
    const explanation: IntervalExplanation = await ask('explainInterval', path);
    assert.deepEqual(
      explanation.versions.map(({ source, flags }) => [source, ...flags]),
      [['dlms', 'measured']],
    );
    assert.equal(explanation.exchange?.digest, 'ab'.repeat(32));
    assert.ok(explanation.verdicts.every(({ outcome }) => outcome === 'pass'));
  });

  test('an interval that no reading came for has no version and no exchange', async () => {
    const path = '/api/v1/usage-points/UP-0002/intervals/2026-11-20T00:30:00Z/explanation';
    const explanation: IntervalExplanation = await ask('explainInterval', path);
    assert.deepEqual([explanation.versions, explanation.exchange], [[], null]);
  });

  test('a bill is run, listed, got, explained to the watt-hour and replayed', async () => {
    const { items }: Page<Bill> = await ask('listBills', '/api/v1/usage-points/UP-0001/bills');
    assert.deepEqual(items, [bill]);
    assert.deepEqual(await ask('getBill', `/api/v1/bills/${bill.id}`), bill);
    const explanation: BillExplanation = await ask('explainBill', `/api/v1/bills/${bill.id}/explanation`);
    const energy = explanation.lines.filter(({ determinant }) => determinant?.unit === 'kWh');
    assert.ok(energy.length > 0);
    for (const { determinant, days } of energy) {
      const wh = days.reduce((sum, day) => sum + BigInt(day.wh), 0n);
      assert.equal(wh, BigInt(determinant?.quantity.replace('.', '') ?? ''));
      const day: ReadingSeries = await ask('getReadings', days[0]?.readings ?? '');
      assert.equal(day.readingType, 'delivered');
    }
    const replay = await ask('replayBill', `/api/v1/bills/${bill.id}/replay`);
    assert.deepEqual(replay, { isSame: true, bill });
  });

  test('a month that has not begun is no bill: 409 with the code of billing', async () => {
    const path = '/api/v1/usage-points/UP-0001/bills?month=2027-03';
    const problem = await ask('runBill', path, { method: 'POST', isSignedIn: true, status: 409 });
    assert.equal((problem as { code: string }).code, 'apps/month-not-begun');
  });

  test('tariffs are listed and got by id and version', async () => {
    const { items }: Page<{ id: string; version: number }> = await ask('listTariffs', '/api/v1/tariffs');
    const [first] = items;
    assert.ok(first);
    assert.deepEqual(await ask('getTariff', `/api/v1/tariffs/${first.id}?version=${first.version}`), first);
    await ask('getTariff', `/api/v1/tariffs/${first.id}?version=99`, { status: 404 });
  });

  test('the read rate counts what is due, what came, and the meters by their last word', async () => {
    const rate: ReadRate = await ask('getReadRate', '/api/v1/operations/read-rate');
    assert.equal(rate.received, 40 * 48 + 2 + 24);
    assert.equal(rate.expected, 3 * rate.received);
    assert.equal(rate.received + rate.estimated + rate.missing, rate.expected);
    assert.equal(rate.byDay.length, 41);
    assert.equal(rate.meters.commissioned, 3);
  });

  test('meters are listed, found by state, and got by serial number', async () => {
    const page: Page<{ serial: string; state: string }> = await ask(
      'listMeters',
      '/api/v1/meters?q=wtl&limit=2',
    );
    assert.equal(page.items.length, 2);
    assert.notEqual(page.next, null);
    const none: Page<unknown> = await ask('listMeters', '/api/v1/meters?state=refused');
    assert.deepEqual(none.items, []);
    const meter = await ask('getMeter', '/api/v1/meters/WTL0003');
    assert.equal((meter as { usagePointId: string }).usagePointId, 'UP-0003');
    await ask('getMeter', '/api/v1/meters/nope', { status: 404 });
  });

  test('a meter that does not answer an on-demand read is an outcome, not an HTTP error', async () => {
    const outcome = await ask('readMeter', '/api/v1/meters/WTL0003/read', {
      method: 'POST',
      isSignedIn: true,
    });
    assert.equal((outcome as { outcome: string }).outcome, 'unreachable');
    const meter = await ask('getMeter', '/api/v1/meters/WTL0003');
    assert.equal((meter as { lastOutcome: string }).lastOutcome, 'unreachable');
  });

  test('events are newest first, exceptions are counted by kind', async () => {
    const report = (kind: 'power-fail' | 'tamper-cover', serial: string) =>
      served.system.events.report({ kind, occurredMs: nowMs, receivedMs: nowMs, serial, message: kind });
    await report('tamper-cover', 'WTL0001');
    await report('power-fail', 'WTL0002');
    await report('tamper-cover', 'WTL0003');
    const events: Page<{ id: number; kind: string }> = await ask(
      'listEvents',
      '/api/v1/operations/events?limit=2',
    );
    assert.deepEqual(
      events.items.map(({ kind }) => kind),
      ['tamper-cover', 'power-fail'],
    );
    const next: Page<{ id: number }> = await ask(
      'listEvents',
      `/api/v1/operations/events?limit=2&cursor=${events.next}`,
    );
    assert.ok((next.items[0]?.id ?? Infinity) < (events.items[1]?.id ?? 0));
    const ofMeter: Page<{ severity: string; kind: string }> = await ask(
      'listEvents',
      '/api/v1/operations/events?severity=alarm&serial=WTL0003&limit=10',
    );
    assert.deepEqual(
      ofMeter.items.map(({ severity, kind }) => [severity, kind]),
      [['alarm', 'tamper-cover']],
    );
    const path = '/api/v1/operations/exceptions?kind=tamper-cover';
    const exceptions = await ask('listExceptions', path);
    const { items, counts } = exceptions as {
      items: { serial: string }[];
      counts: { kind: string; count: number }[];
    };
    assert.deepEqual(
      items.map(({ serial }) => serial),
      ['WTL0003', 'WTL0001'],
    );
    assert.equal(counts.find(({ kind }) => kind === 'tamper-cover')?.count, 2);
    assert.equal(
      counts.some(({ kind }) => kind === 'power-fail'),
      false,
    );
  });

  test('an import answers with a report', async () => {
    const body = 'usage_point,reading_type,start,value\nUP-0003,delivered,2026-11-20T00:00:00Z,7\n';
    const headers = { 'content-type': 'text/csv' };
    const report = await ask('importReadings', '/api/v1/imports/readings', {
      method: 'POST',
      isSignedIn: true,
      body,
      headers,
    });
    assert.equal((report as { accepted: number }).accepted, 1);
  });

  test('health, readiness, figures and the reference answer', async () => {
    await ask('health', '/healthz');
    await ask('ready', '/readyz');
    const figures: string = await ask('metrics', '/metrics');
    assert.match(figures, /^wattline_readings_total\{outcome="stored"\} \d+$/m);
    assert.match(figures, /^wattline_exchanges_total\{outcome="unreachable"\} 1$/m);
    assert.match(figures, /^wattline_events_total\{kind="tamper-cover"\} 2$/m);
    assert.match(
      figures,
      /wattline_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/meters\/:serial"/,
    );
    assert.match(figures, /^process_cpu_seconds_total/m);
    await ask('openapi', '/api/openapi.json');
    await ask('docsStyle', '/api/docs.css');
    const page: string = await ask('docs', '/api/docs');
    for (const path of Object.keys(api.paths)) assert.ok(page.includes(`<code>${path}</code>`), path);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!127\.0\.0\.1)/);
  });

  test('the service level sums to what was expected, and says why the rest is missing', async () => {
    const page: Page<ServiceLevelItem> = await ask(
      'serviceLevel',
      '/api/v1/operations/service-level?by=model&hours=24',
    );
    const [row] = page.items;
    assert.equal(page.items.length, 1);
    const missing = Object.values(row?.missing ?? {}).reduce((sum, count) => sum + count, 0);
    assert.equal((row?.received ?? 0) + missing, row?.expected);
    assert.equal(row?.expected, 3 * 48);
    assert.ok(missing > 0);
    const { items }: Page<MissingIntervals> = await ask('missingOfMeter', '/api/v1/meters/WTL0002/missing');
    assert.ok(items.length > 0);
    await ask('missingOfMeter', '/api/v1/meters/none/missing', { status: 404 });
    await ask('serviceLevel', '/api/v1/operations/service-level?by=colour', { status: 400 });
  });

  test('who is silent, held or out is told, how a meter was reached, and who cannot be asked what it is', async () => {
    const silent: Page<SilentMeter> = await ask('silentMeters', '/api/v1/operations/silent-meters?hours=1');
    assert.equal(silent.items.length, 3);
    const outages: Page<OutageItem> = await ask('outages', '/api/v1/operations/outages');
    assert.deepEqual(outages.items, []);
    const routes: Page<MeterRouteItem> = await ask('routesOfMeter', '/api/v1/meters/WTL0001/routes');
    assert.deepEqual(
      routes.items.map(({ link, route }) => [link, route]),
      [['tcp', null]],
    );
    await ask('routesOfMeter', '/api/v1/meters/none/routes', { status: 404 });
    const device: DeviceItem = await ask('getDevice', '/api/v1/meters/WTL0001/device');
    assert.deepEqual(
      device.associations.map(({ clientSap, mechanism, toldBy }) => [clientSap, mechanism, toldBy]),
      [
        [1, 'gmac', 'profile'],
        [2, 'gmac', 'profile'],
        [16, 'none', 'profile'],
      ],
    );
    await ask('getDevice', '/api/v1/meters/none/device', { status: 404 });
    const models: Page<DeviceModelItem> = await ask('listModels', '/api/v1/models');
    assert.ok(models.items.every(({ firmware, meters }) => firmware.unknown === meters));
    const day = 'channel=UP-0001/delivered&from=2026-11-20T00:00:00Z';
    await ask('workerGaps', `/api/v1/workers/gaps?${day}&to=2026-11-21T00:00:00Z`);
    await ask('workerKnown', `/api/v1/workers/known?${day}`);
    await ask('workerGaps', '/api/v1/workers/gaps', { status: 400 });
    const post = { method: 'POST', isSignedIn: true } as const;
    const json = (batch: object) => ({
      ...{ ...post, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(batch),
    });
    const block = { channel: 'UP-0003/delivered', startMs: nowMs - 3_600_000, intervalSeconds: 1_800 };
    const batch: ReadingBatch = {
      ...{ id: 'X1', origin: { source: 'dlms', reference: 'X1' }, receivedMs: nowMs },
      blocks: [{ ...block, value: Float64Array.of(7, 8), quality: Uint16Array.of(1, 1) }],
    };
    const worker = remoteReadings({ url: served.api.url, token: served.token });
    const taken = await worker.ingest(batch);
    assert.equal(taken.accepted + taken.duplicates, 2);
    assert.deepEqual(await worker.gaps(block.channel, block.startMs, nowMs), []);
    const again: IngestReceipt = await ask(
      'takeWorkerReadings',
      '/api/v1/workers/readings',
      json(bodyOf(batch)),
    );
    assert.deepEqual([again.accepted, again.duplicates, again.rejected], [0, 2, []]);
    await ask('takeWorkerReadings', '/api/v1/workers/readings', { ...json({ id: 'X2' }), status: 400 });
    await assert.rejects(remoteReadings({ url: served.api.url, token: 'x' }).ingest(batch), {
      code: 'server/login-refused',
    });
    await ask('discoverMeter', '/api/v1/meters/none/discovery', { ...post, status: 404 });
    const title = '57544C00000000FF';
    served.system.headend.held.note(title, '192.0.2.7:4059');
    await served.system.headend.held.settled();
    const held: Page<HeldMeterItem> = await ask('heldMeters', '/api/v1/operations/held-meters');
    assert.deepEqual(
      held.items.map(({ systemTitle, peer, state }) => [systemTitle, peer, state]),
      [[title, '192.0.2.7:4059', 'held']],
    );
    const path = `/api/v1/operations/held-meters/${title}`;
    const body = { headers: { 'content-type': 'application/json' }, body: '{"meter":{"systemTitle":"00"}}' };
    await ask('approveHeldMeter', `${path}/approve?by=asha`, { ...post, ...body, status: 400 });
    await ask('approveHeldMeter', `${path}/approve?by=asha`, { ...body, method: 'POST', status: 401 });
    const away: HeldMeterItem = await ask('rejectHeldMeter', `${path}/reject?by=asha`, post);
    assert.deepEqual([away.state, away.decidedBy], ['rejected', 'asha']);
    await ask('rejectHeldMeter', '/api/v1/operations/held-meters/00/reject?by=asha', {
      ...post,
      status: 404,
    });
  });

  test('a sweep tries every meter and counts who answered', async () => {
    const swept: SweepOutcome = await ask('sweep', '/api/v1/operations/sweep', {
      method: 'POST',
      isSignedIn: true,
    });
    assert.deepEqual([swept.meters, swept.answers], [3, 0]);
  });

  test('a meter that does not answer has no moment: the service is not there now', async () => {
    const problem = await ask('getMeterMoment', '/api/v1/meters/WTL0003/moment', { status: 503 });
    assert.match(JSON.stringify(problem), /meter-not-answering.*network\/unreachable/);
  });

  test('every operation of the document was asked here or has a test of its own', () => {
    const operations = Object.values(api.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const elsewhere = ['streamEvents', ...askedElsewhere, ...meterDataOperations];
    assert.deepEqual(
      operations.filter((id) => !asked.has(id) && !elsewhere.includes(id)),
      [],
    );
    assert.equal(new Set(operations).size, operations.length);
  });

  test('the document is OpenAPI 3.1, every parameter is described, and the README lists every route', () => {
    assert.match(api.openapi, /^3\.1/);
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const inReadme = [...readme.matchAll(/^\| `(GET|POST) ([^`]+)` \|/gm)].map(
      (match) => `${match[1]} ${match[2]}`,
    );
    const inDocument = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        assert.ok(operation.summary, path);
        for (const { name, description } of operation.parameters ?? [])
          assert.ok(description, `${path} ${name}`);
        return `${method.toUpperCase()} ${path}`;
      }),
    );
    assert.deepEqual(inReadme.sort(), inDocument.sort());
  });
});
