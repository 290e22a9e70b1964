/** What rules put before people: chosen one by one or all at once, and ended with a name and a reason. */
import type { WorkPage, WorkTask } from '@wattline/model';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { hrefOf } from '../route.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { Empty } from './condition.tsx';

/** How a person ends tasks. */
export interface WorkDecision {
  readonly ids: readonly number[];
  readonly action: 'accept' | 'dismiss';
  readonly author: string;
  readonly reason: string;
}

/** The list with its form; `isBusy` while an answer is awaited. */
export function WorkList(props: {
  page: WorkPage;
  zone: string;
  rule: string | null;
  isBusy: boolean;
  onRule: (rule: string | null) => void;
  onDecide: (decision: WorkDecision) => void;
}) {
  const { page, rule } = props;
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const inSight = page.items.filter((task) => chosen.has(task.id)).map((task) => task.id);
  const choose = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  if (page.counts.length === 0) return <Empty title={words.work.none} text={words.work.noneText} />;
  return (
    <div class="work">
      <fieldset class="work-rules">
        <legend class="unseen">{words.work.rules}</legend>
        <button type="button" class="chip" aria-pressed={rule === null} onClick={() => props.onRule(null)}>
          {words.operations.allKinds}
        </button>
        {page.counts.map((one) => (
          <button
            key={one.rule}
            type="button"
            class="chip"
            title={one.title}
            aria-pressed={rule === one.rule}
            onClick={() => props.onRule(rule === one.rule ? null : one.rule)}
          >
            {one.rule} <b data-count={one.rule}>{formatCount(one.count)}</b>
          </button>
        ))}
      </fieldset>
      <label class="work-all">
        <input
          type="checkbox"
          checked={page.items.length > 0 && inSight.length === page.items.length}
          disabled={page.items.length === 0}
          onChange={(event) =>
            setChosen(new Set(event.currentTarget.checked ? page.items.map((task) => task.id) : []))
          }
        />
        <span>{words.work.all(formatCount(page.items.length))}</span>
      </label>
      <ul class="work-items">
        {page.items.map((task) => (
          <Task
            key={task.id}
            task={task}
            zone={props.zone}
            isChosen={chosen.has(task.id)}
            onChoose={choose}
          />
        ))}
      </ul>
      <DecisionForm ids={inSight} isBusy={props.isBusy} onDecide={props.onDecide} />
    </div>
  );
}

function Task(props: { task: WorkTask; zone: string; isChosen: boolean; onChoose: (id: number) => void }) {
  const { task } = props;
  const day = wallOf(Date.parse(task.start), props.zone).date;
  return (
    <li class="work-item">
      <input
        type="checkbox"
        aria-label={words.work.choose(task.usagePointId, day)}
        checked={props.isChosen}
        onChange={() => props.onChoose(task.id)}
      />
      <div>
        <p>
          <a href={hrefOf({ screen: 'customer', usagePointId: task.usagePointId, day })}>
            {task.usagePointId}
          </a>{' '}
          <span class="work-rule">{task.channel.slice(task.usagePointId.length + 1)}</span>{' '}
          <time dateTime={task.start}>{day}</time> <span class="work-rule">{task.title}</span>
        </p>
        <p class="work-detail">{task.detail}</p>
      </div>
    </li>
  );
}

function DecisionForm(props: {
  ids: readonly number[];
  isBusy: boolean;
  onDecide: (decision: WorkDecision) => void;
}) {
  const { ids } = props;
  const [author, setAuthor] = useState('');
  const [reason, setReason] = useState('');
  const isReady = ids.length > 0 && author.trim() !== '' && reason.trim() !== '' && !props.isBusy;
  const decide = (action: WorkDecision['action']) => props.onDecide({ ids, action, author, reason });
  return (
    <form class="work-form" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>{words.work.author}</span>
        <input value={author} autocomplete="name" onInput={(event) => setAuthor(event.currentTarget.value)} />
      </label>
      <label>
        <span>{words.work.reason}</span>
        <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <p>
        <button type="button" class="button button-main" disabled={!isReady} onClick={() => decide('accept')}>
          {words.work.accept(formatCount(ids.length))}
        </button>
        <button type="button" class="button" disabled={!isReady} onClick={() => decide('dismiss')}>
          {words.work.dismiss}
        </button>
      </p>
    </form>
  );
}
