/** The sweep over slow concentrators: 600 ms round trips, one session at a time for each concentrator of 500 meters. */
import { supply } from './bench-meter.ts';
import { openVirtualFleet, runUntil } from './virtual-fleet.ts';

const startMs = Date.UTC(2026, 0, 10);
const dayMs = 86_400_000;
export const roundTripMs = 600;
export const metersPerConcentrator = 500;

/**
 * Sweeps one day of load profile of every meter, twice: the second sweep is the daily one. On paper a session of it is the dial, the
 * AARQ, the HLS reply, one list of clock, profile and midnight registers, and the release: five round trips.
 */
export async function sweepSlowly(meters: number) {
  const fleet = await openVirtualFleet({
    meters,
    startMs,
    seed: 'round trips',
    policy: { concurrency: 10_000, routeSessions: 1, requestTimeoutMs: 30_000, registerDays: 1 },
    routeOf: (i) => `DC${Math.floor(i / metersPerConcentrator)}`,
    wayOf: () => ({ oneWayMs: roundTripMs / 2, passMs: () => 0, isUp: () => true }),
    fill: (meter, i) => supply(meter, i, startMs + 2 * dayMs),
  });
  const { clock, headend } = fleet;
  const sweep = async () => {
    const fromMs = clock.now();
    const before = headend.figures();
    await runUntil(clock, headend.collectAll({ concurrency: meters }), 60_000);
    const { octetsReceived, octetsSent, exchanges } = headend.figures();
    return {
      seconds: Math.round((lastEndMs(await endsOf(fleet.registry, fromMs)) - fromMs) / 1000),
      octets: octetsReceived + octetsSent - before.octetsReceived - before.octetsSent,
      failures: meters - (exchanges.answer - before.exchanges.answer),
    };
  };
  await clock.advance(dayMs);
  await sweep();
  await clock.advance(startMs + 2 * dayMs - clock.now());
  const { seconds, octets, failures } = await sweep();
  await fleet.close();
  const perRoute = Math.min(meters, metersPerConcentrator);
  return {
    seconds,
    paperSeconds: (perRoute * 5 * roundTripMs) / 1000,
    octetsPerMeter: octets / meters,
    failures,
  };
}

type Registry = Awaited<ReturnType<typeof openVirtualFleet>>['registry'];

async function endsOf(registry: Registry, fromMs: number): Promise<number[]> {
  const rows = await registry
    .selectFrom('exchange')
    .select('ended_ms')
    .where('started_ms', '>=', fromMs)
    .execute();
  return rows.map(({ ended_ms }) => ended_ms);
}

function lastEndMs(ends: readonly number[]): number {
  return ends.reduce((last, end) => Math.max(last, end), 0);
}
