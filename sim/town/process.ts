/**
 * The process of a town's meters: `node sim/town/process.ts --options '<json>'`, see `town-options.ts`.
 * Standard output has one JSON line when all meters answer and one for each event; it ends when standard input does.
 */
import { parseArgs } from 'node:util';
import { CodedError, codeOf, messageOf, realClock, secureRandom } from '@wattline/base';
import { openTown } from './open-town.ts';
import { parseTownOptions } from './town-options.ts';

/** Exit codes by the start of the error's code; anything else is 1. */
const exitCodes = [
  { start: 'sim/bad-option', code: 2 },
  { start: 'sim/load-', code: 5 },
  { start: 'sim/unknown-tariff', code: 5 },
] as const;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Resolves when the parent is gone or asks to stop. Ctrl+C reaches the whole group: a parent that is there decides. */
function whenToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    if (process.stdin.isTTY) process.once('SIGINT', () => resolve());
    else process.on('SIGINT', () => {});
    process.stdin.once('end', () => resolve());
    process.stdin.once('close', () => resolve());
    process.stdin.resume();
  });
}

async function main(): Promise<void> {
  const stop = whenToldToStop();
  const options = parseTownOptions(argument());
  const town = await openTown(options, {
    clock: realClock(options.anchor),
    random: secureRandom(),
    onEvent: say,
  });
  const { meters, shipmentPath: shipment, loadNote, loadReport } = town;
  say({ ready: true, meters: meters.length, shipment, loadNote, loadReport });
  await stop;
  await town.close();
}

function argument(): string | undefined {
  try {
    return parseArgs({ options: { options: { type: 'string' } } }).values.options;
  } catch (error) {
    throw new CodedError('sim/bad-option', messageOf(error), {}, error);
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const code = codeOf(error);
  const where = error instanceof CodedError ? error.where : {};
  process.stderr.write(`${JSON.stringify({ error: { code, message: messageOf(error), where } })}\n`);
  process.exit(exitCodes.find(({ start }) => code.startsWith(start))?.code ?? 1);
}
