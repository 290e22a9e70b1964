/** What a person does on a screen and the server lets only somebody with its token do: asked, told how it went, asked for the token first. */
import { useState } from 'preact/hooks';
import type { Answer, Problem } from '../problem.ts';
import { token } from '../store.ts';
import { Wrong } from './condition.tsx';
import { SignIn } from './sign-in.tsx';

/** Where an action stands. */
type Standing<D> =
  | { readonly step: 'idle' }
  | { readonly step: 'asking' }
  | { readonly step: 'sign-in'; readonly decision: D; readonly problem: Problem | null }
  | { readonly step: 'done'; readonly text: string }
  | { readonly step: 'failed'; readonly problem: Problem };

/** An action of a screen, and what it has to say above the screen's list. */
export interface SignedAction<D> {
  readonly isBusy: boolean;
  act(decision: D): void;
  readonly notice: preact.JSX.Element;
}

/** `send` asks the server; the text it resolves to is shown once it is done. */
export function useSignedAction<D>(
  send: (decision: D) => Promise<Answer<string>>,
  signInText: string,
): SignedAction<D> {
  const [standing, setStanding] = useState<Standing<D>>({ step: 'idle' });
  const act = async (decision: D) => {
    const hadToken = token.peek() !== null;
    setStanding({ step: 'asking' });
    const answer = await send(decision);
    if (answer.ok) setStanding({ step: 'done', text: answer.value });
    else if (answer.problem.status === 401) {
      token.value = null;
      setStanding({ step: 'sign-in', decision, problem: hadToken ? answer.problem : null });
    } else setStanding({ step: 'failed', problem: answer.problem });
  };
  return {
    isBusy: standing.step === 'asking',
    act: (decision) => void act(decision),
    notice: (
      <>
        {standing.step === 'sign-in' && (
          <SignIn
            text={signInText}
            problem={standing.problem}
            onCancel={() => setStanding({ step: 'idle' })}
            onToken={(text) => {
              token.value = text;
              void act(standing.decision);
            }}
          />
        )}
        {standing.step === 'done' && (
          <p class="notice" role="status">
            {standing.text}
          </p>
        )}
        {standing.step === 'failed' && <Wrong problem={standing.problem} onRetry={undefined} />}
      </>
    ),
  };
}
