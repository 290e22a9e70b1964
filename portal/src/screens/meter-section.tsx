/** The list of all meters with its filters, and reading one now. */
import type { MeterStatus } from '@wattline/model';
import { useMemo, useState } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { type MeterState, meterStates } from '../feeder-tree.ts';
import { formatCount } from '../format.ts';
import { type MeterColumn, selectMeters } from '../meter-list.ts';
import { Card } from '../parts/card.tsx';
import { Empty, Loaded, Skeleton, Wrong } from '../parts/condition.tsx';
import { SearchField } from '../parts/customer-picker.tsx';
import { Sheet } from '../parts/interval-sheet.tsx';
import { MeterTable } from '../parts/meter-table.tsx';
import { SignIn } from '../parts/sign-in.tsx';
import type { Problem } from '../problem.ts';
import type { Resource } from '../resource.ts';
import { api, machineCalmMs, token } from '../store.ts';
import { stateWords, words } from '../words.ts';
import { wallOf } from '../zone-time.ts';

/** What the server says of the exchange; a meter that does not answer is an outcome, not an error. */
interface ReadOutcome {
  readonly serial: string;
  readonly outcome: keyof typeof words.operations.outcomes;
  readonly code: string | null;
  readonly message: string | null;
  readonly readings: number;
}

/** Outcome of asking a meter, or being asked to sign in first. */
type Asking =
  | { readonly step: 'idle' }
  | { readonly step: 'asking'; readonly serial: string }
  | { readonly step: 'sign-in'; readonly serial: string; readonly problem: Problem | null }
  | { readonly step: 'asked'; readonly outcome: ReadOutcome }
  | { readonly step: 'failed'; readonly serial: string; readonly problem: Problem };

/** The section. */
export function MeterSection(props: {
  zone: string;
  nowMs: number;
  meters: Resource<ListResult<MeterStatus>>;
  state: MeterState | null;
  find: string;
  count: string;
  onFilter: (change: { state?: MeterState | null; find?: string | null }) => void;
}) {
  const [sort, setSort] = useState<{ column: MeterColumn; isDescending: boolean }>({
    column: 'state',
    isDescending: false,
  });
  const { asking, setAsking, ask } = useAsking();
  const onSort = (column: MeterColumn) =>
    setSort((was) => ({ column, isDescending: was.column === column && !was.isDescending }));
  return (
    <Card title={words.operations.list} text={words.operations.metersText(props.count)} class="card-meters">
      <div class="meter-filters">
        <SearchField
          label={words.operations.find}
          hint={words.operations.findHint}
          value={props.find}
          onInput={(text) => props.onFilter({ find: text })}
        />
        <label class="select">
          <span class="unseen">{words.operations.columns.state}</span>
          <select
            value={props.state ?? ''}
            onChange={(event) =>
              props.onFilter({
                state: meterStates.find((state) => state === event.currentTarget.value) ?? null,
              })
            }
          >
            <option value="">{words.operations.anyState}</option>
            {meterStates.map((state) => (
              <option key={state} value={state}>
                {stateWords[state].name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <AskNotice asking={asking} onClose={() => setAsking({ step: 'idle' })} />
      <Loaded
        remote={props.meters.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={props.meters.refresh}
        skeleton={<Skeleton kind="list" />}
      >
        {(value) => (
          <Rows
            list={value}
            find={props.find}
            state={props.state}
            sort={sort.column}
            isDescending={sort.isDescending}
            zone={props.zone}
            nowMs={props.nowMs}
            reading={asking.step === 'asking' ? asking.serial : null}
            onSort={onSort}
            onRead={(serial) => void ask(serial)}
            onClear={() => props.onFilter({ find: null, state: null })}
          />
        )}
      </Loaded>
      {asking.step === 'sign-in' && (
        <Sheet label={words.signIn.title} onClose={() => setAsking({ step: 'idle' })}>
          <SignIn
            text={words.signIn.text}
            problem={asking.problem}
            onCancel={() => setAsking({ step: 'idle' })}
            onToken={(text) => {
              token.value = text;
              void ask(asking.serial);
            }}
          />
        </Sheet>
      )}
    </Card>
  );
}

/** Asks a meter to be read now; a server that wants a token first is answered with the form. */
function useAsking() {
  const [asking, setAsking] = useState<Asking>({ step: 'idle' });
  const ask = async (serial: string) => {
    const hadToken = token.peek() !== null;
    setAsking({ step: 'asking', serial });
    const answer = await api.post<ReadOutcome>(`meters/${encodeURIComponent(serial)}/read`);
    if (answer.ok) setAsking({ step: 'asked', outcome: answer.value });
    else if (answer.problem.status === 401) {
      token.value = null;
      setAsking({ step: 'sign-in', serial, problem: hadToken ? answer.problem : null });
    } else setAsking({ step: 'failed', serial, problem: answer.problem });
  };
  return { asking, setAsking, ask };
}

function AskNotice({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  if (asking.step === 'failed') return <Wrong problem={asking.problem} onRetry={undefined} />;
  if (asking.step !== 'asked') return null;
  const { serial, outcome, code, message, readings } = asking.outcome;
  return (
    <p class={`notice ${outcome === 'answer' ? '' : 'notice-warn'}`} role="status">
      <span>
        {words.operations.outcomes[outcome](serial, formatCount(readings))} {message}{' '}
        {code && <code>{code}</code>}
      </span>
      <button type="button" class="button button-small" onClick={onClose}>
        {words.close}
      </button>
    </p>
  );
}

function Rows(props: {
  list: ListResult<MeterStatus>;
  find: string;
  state: MeterState | null;
  sort: MeterColumn;
  isDescending: boolean;
  zone: string;
  nowMs: number;
  reading: string | null;
  onSort: (column: MeterColumn) => void;
  onRead: (serial: string) => void;
  onClear: () => void;
}) {
  const { list, find, state, sort, isDescending } = props;
  const shown = useMemo(
    () => selectMeters(list.items, { find, state, sort, isDescending }),
    [list, find, state, sort, isDescending],
  );
  return (
    <>
      <p class="meter-count" role="status">
        {words.operations.shown(formatCount(shown.length), formatCount(list.items.length))}
        {list.isCut && ` ${words.operations.cut(formatCount(list.items.length))}`}
      </p>
      {shown.length === 0 ? (
        <Empty title={words.operations.noMeters} text={words.operations.noMetersText}>
          <button type="button" class="button" onClick={props.onClear}>
            {words.operations.clear}
          </button>
        </Empty>
      ) : (
        <MeterTable
          meters={shown}
          zone={props.zone}
          nowMs={props.nowMs}
          today={wallOf(props.nowMs, props.zone).date}
          sort={sort}
          isDescending={isDescending}
          reading={props.reading}
          onSort={props.onSort}
          onRead={props.onRead}
        />
      )}
    </>
  );
}
