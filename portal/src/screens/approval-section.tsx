/** The approvals on the operator's screen: read from the server; stopping needs the token, starting needs people's keys elsewhere. */
import type { CommandBoard } from '@wattline/model';
import { ApprovalBoard, type BoardDecision } from '../parts/approval-board.tsx';
import { Card } from '../parts/card.tsx';
import { Loaded, Skeleton } from '../parts/condition.tsx';
import { useSignedAction } from '../parts/signed-action.tsx';
import { api, machineCalmMs, machineMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const refreshMs = 5_000;

/** The card. */
export function ApprovalSection({ zone }: { zone: string }) {
  const board = useResource<CommandBoard>((abort) => api.get('commands/board', {}, abort), [], refreshMs);
  const stop = useSignedAction<BoardDecision>(async (decision) => {
    const { kind, by } = decision;
    const path =
      kind === 'cancel' ? `commands/${encodeURIComponent(decision.key)}/cancel` : 'commands/red-switch';
    const answer = await api.post<unknown>(path, { by });
    if (!answer.ok) return answer;
    board.refresh();
    return { ok: true, value: words.approvals.done[kind] };
  }, words.approvals.signIn);
  const remote = board.remote.value;
  return (
    <Card title={words.approvals.title} text={words.approvals.text} class="card-approvals">
      {stop.notice}
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
            isBusy={stop.isBusy}
            onDecide={stop.act}
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
