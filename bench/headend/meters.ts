/**
 * The meters of the head-end's bench: a process of its own with so many virtual meters, each on a port of 127.0.0.1, with two days of
 * load profile. `node meters.ts <meters> <shipment file>`; prints `ready` when all listen and ends with its standard input.
 */
import { writeFileSync } from 'node:fs';
import { realClock, secureRandom } from '@wattline/base';
import { serveMeter } from '@wattline/meter';
import type { MeterShipment } from '@wattline/model';
import { createBenchMeter, shipmentOf, supply } from './bench-meter.ts';

const [count = '100', path = 'shipment.json'] = process.argv.slice(2);
const host = '127.0.0.1';
const dayMs = 86_400_000;
const clock = realClock();
const random = secureRandom();
const todayMs = Math.floor(clock.now() / dayMs) * dayMs;

const rows: MeterShipment[] = [];
for (let i = 0; i < Number(count); i++) {
  const meter = createBenchMeter(i, todayMs - 2 * dayMs, clock);
  supply(meter, i, todayMs);
  const { address } = await serveMeter(
    meter.device,
    { host, port: 0 },
    { clock, random, maxPduSize: 16_384 },
  );
  rows.push(shipmentOf(meter, i, { host, port: address.port }));
}
writeFileSync(path, JSON.stringify(rows));
process.stdin.on('end', () => process.exit(0)).resume();
console.log('ready');
