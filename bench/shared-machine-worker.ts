/** Work of a fixed kind for a quarter of a second: multiplies, adds and writes into memory of the innermost cache. */
import { parentPort } from 'node:worker_threads';
import { realClock } from '@wattline/base';

const clock = realClock();
const memory = new Float64Array(4096);
const stepsOfTurn = 20_000;
let state = 1;
let turns = 0;
const from = clock.monotonic();
let now = from;
while (now - from < 250) {
  for (let step = 0; step < stepsOfTurn; step++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const at = state & 4095;
    memory[at] = (memory[at] as number) + step;
  }
  turns++;
  now = clock.monotonic();
}
parentPort?.postMessage((turns * stepsOfTurn) / (now - from) / 1000);
