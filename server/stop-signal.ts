/** The wish to stop: Ctrl+C, a terminal that closes, a supervisor. */
import { realClock } from '@wattline/base';

/** Ctrl+C reaches every process of the terminal, and those that started us pass it on: the same wish comes more than once. */
const echoMs = 1000;

/** Resolves at the first signal to stop; one that comes a second or more later ends the process at once. */
export function stopSignal(): Promise<void> {
  const clock = realClock();
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const onSignal = () => {
      firstMs ??= clock.monotonic();
      resolve();
      if (clock.monotonic() - firstMs >= echoMs) process.exit(130);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
