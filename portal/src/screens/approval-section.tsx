/** The approvals on the operator's screen: read from the server; stopping needs the token, starting needs people's keys elsewhere. */
import type { CommandBoard } from '@wattline/model';
import { useState } from 'preact/hooks';
import { ApprovalBoard, type BoardDecision } from '../parts/approval-board.tsx';
import { Card } from '../parts/card.tsx';
import { Loaded, Skeleton, Wrong } from '../parts/condition.tsx';
import { SignIn } from '../parts/sign-in.tsx';
import type { Problem } from '../problem.ts';
import { api, machineCalmMs, machineMs, token } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const refreshMs = 5_000;

type Deciding =
  | { readonly step: 'idle' }
  | { readonly step: 'asking' }
  | { readonly step: 'sign-in'; readonly decision: BoardDecision; readonly problem: Problem | null }
  | { readonly step: 'done'; readonly text: string }
  | { readonly step: 'failed'; readonly problem: Problem };

/** The card. */
export function ApprovalSection({ zone }: { zone: string }) {
  const [deciding, setDeciding] = useState<Deciding>({ step: 'idle' });
  const board = useResource<CommandBoard>((abort) => api.get('commands/board', {}, abort), [], refreshMs);
  const decide = async (decision: BoardDecision) => {
    const hadToken = token.peek() !== null;
    setDeciding({ step: 'asking' });
    const path =
      decision.kind === 'cancel'
        ? `commands/${encodeURIComponent(decision.key)}/cancel`
        : 'commands/red-switch';
    const answer = await api.post<unknown>(path, { by: decision.by });
    if (answer.ok) {
      setDeciding({ step: 'done', text: words.approvals.done[decision.kind] });
      board.refresh();
    } else if (answer.problem.status === 401) {
      token.value = null;
      setDeciding({ step: 'sign-in', decision, problem: hadToken ? answer.problem : null });
    } else setDeciding({ step: 'failed', problem: answer.problem });
  };
  const remote = board.remote.value;
  return (
    <Card title={words.approvals.title} text={words.approvals.text} class="card-approvals">
      {deciding.step === 'sign-in' && (
        <SignIn
          text={words.approvals.signIn}
          problem={deciding.problem}
          onCancel={() => setDeciding({ step: 'idle' })}
          onToken={(text) => {
            token.value = text;
            void decide(deciding.decision);
          }}
        />
      )}
      {deciding.step === 'done' && (
        <p class="notice" role="status">
          {deciding.text}
        </p>
      )}
      {deciding.step === 'failed' && <Wrong problem={deciding.problem} onRetry={undefined} />}
      <Loaded
        remote={remote}
        nowMs={machineCalmMs.value}
        onRetry={board.refresh}
        skeleton={<Skeleton kind="list" />}
      >
        {(value) => (
          <ApprovalBoard
            board={value}
            nowMs={signerNow(value, 'atMs' in remote ? remote.atMs : machineMs.value)}
            zone={zone}
            isBusy={deciding.step === 'asking'}
            onDecide={(decision) => void decide(decision)}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** The signer's time now: what it said, and what has passed here since. */
function signerNow({ guard }: CommandBoard, saidAtMs: number): number {
  const now = machineMs.value;
  return guard ? Date.parse(guard.now) + Math.max(0, now - saidAtMs) : now;
}
