/** The first word with a meter: does it answer, and does it take this client at all? */
import { Dialogue } from './dialogue.ts';
import { describeAare } from './reading.ts';
import type { Script } from './script.ts';
import type { Target } from './target.ts';
import { Tester } from './tester.ts';
import { Finding } from './verdict.ts';

/** What came of it; `answered` also when the answer was wrong: then it is for the tests to say how. */
export type Greeting =
  | { readonly kind: 'answered' | 'silence' }
  | { readonly kind: 'refused'; readonly how: string };

/** Opens a link and sends the declared AARQ. */
export function* greet(target: Target): Script<Greeting> {
  const dialogue = new Dialogue(target);
  try {
    yield* dialogue.open();
    const aare = yield* new Tester(dialogue).aarq();
    if (aare.result === 1 || aare.result === 2) return { kind: 'refused', how: describeAare(aare) };
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const isHeard = dialogue.recorder.steps.some(({ received }) => received.length > 0);
    if (!isHeard) return { kind: 'silence' };
  }
  return { kind: 'answered' };
}
