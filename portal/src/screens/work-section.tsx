/** The worklist on the operator's screen: read from the server, ended there, asked for the token when it wants one. */
import type { WorkPage } from '@wattline/model';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Loaded, Skeleton, Wrong } from '../parts/condition.tsx';
import { SignIn } from '../parts/sign-in.tsx';
import { type WorkDecision, WorkList } from '../parts/work-list.tsx';
import type { Problem } from '../problem.ts';
import { api, machineCalmMs, token } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const refreshMs = 15_000;
const tasksAtOnce = 200;

type Deciding =
  | { readonly step: 'idle' }
  | { readonly step: 'asking' }
  | { readonly step: 'sign-in'; readonly decision: WorkDecision; readonly problem: Problem | null }
  | { readonly step: 'done'; readonly closed: number }
  | { readonly step: 'failed'; readonly problem: Problem };

/** The card. */
export function WorkSection({ zone }: { zone: string }) {
  const [rule, setRule] = useState<string | null>(null);
  const [deciding, setDeciding] = useState<Deciding>({ step: 'idle' });
  const work = useResource<WorkPage>(
    (abort) => api.get('operations/worklist', { rule: rule ?? undefined, limit: tasksAtOnce }, abort),
    [rule],
    refreshMs,
  );
  const decide = async (decision: WorkDecision) => {
    const hadToken = token.peek() !== null;
    setDeciding({ step: 'asking' });
    const answer = await api.post<{ closed: number }>('operations/worklist/close', decision);
    if (answer.ok) {
      setDeciding({ step: 'done', closed: answer.value.closed });
      work.refresh();
    } else if (answer.problem.status === 401) {
      token.value = null;
      setDeciding({ step: 'sign-in', decision, problem: hadToken ? answer.problem : null });
    } else setDeciding({ step: 'failed', problem: answer.problem });
  };
  return (
    <Card title={words.work.title} text={words.work.text} class="card-work">
      {deciding.step === 'sign-in' && (
        <SignIn
          text={words.work.signIn}
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
          {words.work.closed(formatCount(deciding.closed))}
        </p>
      )}
      {deciding.step === 'failed' && <Wrong problem={deciding.problem} onRetry={undefined} />}
      <Loaded
        remote={work.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={work.refresh}
        skeleton={<Skeleton kind="list" />}
      >
        {(page) => (
          <WorkList
            page={page}
            zone={zone}
            rule={rule}
            isBusy={deciding.step === 'asking'}
            onRule={setRule}
            onDecide={(decision) => void decide(decision)}
          />
        )}
      </Loaded>
    </Card>
  );
}
