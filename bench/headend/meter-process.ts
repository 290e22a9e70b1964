/** The meters of a sweep in a process of their own: started, listening, stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./meters.ts', import.meta.url));

/** Meters that listen. */
export interface MeterProcess {
  /** Their shipment, a JSON file of `MeterShipment`. */
  readonly path: string;
  stop(): Promise<void>;
}

/** Resolves when all listen. The shipment is written to `directory`. */
export async function startMeters({
  meters,
  directory,
}: {
  readonly meters: number;
  readonly directory: string;
}): Promise<MeterProcess> {
  const path = join(directory, 'shipment.json');
  const fleet = spawn(process.execPath, [program, String(meters), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(fleet.stdout, 'data');
  return {
    path,
    async stop() {
      fleet.stdin.end();
      await once(fleet, 'exit');
    },
  };
}
