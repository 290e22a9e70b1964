/** The frame decoder: paste octets, see every field with its place; the octets of a field stand out and the other way round. */
import type { DecodedFrames } from '@wattline/model';
import { useMemo, useState } from 'preact/hooks';
import { viewOf } from '../frame-rows.ts';
import { Card } from '../parts/card.tsx';
import { Empty, Skeleton, Wrong } from '../parts/condition.tsx';
import { FrameForm, type FrameQuestion, noQuestion } from '../parts/frame-form.tsx';
import { FrameTree } from '../parts/frame-tree.tsx';
import { OctetGrids } from '../parts/octet-grid.tsx';
import type { Answer } from '../problem.ts';
import { api } from '../store.ts';
import { words } from '../words.ts';

type Shown =
  | { readonly state: 'nothing' | 'busy' }
  | { readonly state: 'answered'; readonly answer: Answer<DecodedFrames> };

/** The screen. Keys live in its memory alone: they go with a request and are gone with the page. */
export function FrameScreen() {
  const [question, setQuestion] = useState<FrameQuestion>(noQuestion);
  const [shown, setShown] = useState<Shown>({ state: 'nothing' });
  const decode = async (asked: FrameQuestion) => {
    if (asked.text.trim() === '') return;
    setShown({ state: 'busy' });
    const body = { ...asked, ...withoutBlanks(asked) };
    setShown({ state: 'answered', answer: await api.post<DecodedFrames>('frames/decode', body) });
  };
  return (
    <div class="frames">
      <div class="start-head">
        <h1>{words.frames.title}</h1>
        <p>{words.frames.intro}</p>
      </div>
      <Card title={words.frames.given}>
        <FrameForm
          question={question}
          isBusy={shown.state === 'busy'}
          onChange={(next) => {
            setQuestion(next);
            if (next === noQuestion) setShown({ state: 'nothing' });
          }}
          onDecode={(asked) => void decode(asked)}
        />
      </Card>
      <div aria-live="polite" class="frame-answer">
        {shown.state === 'busy' && <Skeleton kind="list" />}
        {shown.state === 'nothing' && <Empty title={words.frames.nothing} text={words.frames.nothingText} />}
        {shown.state === 'answered' && <Answered answer={shown.answer} />}
      </div>
    </div>
  );
}

/** Keys are copied with blanks between their digits. */
function withoutBlanks({ ek, ak, dk, systemTitle }: FrameQuestion): Omit<FrameQuestion, 'text'> {
  const clean = (digits: string) => digits.replace(/[\s:-]|^0x/g, '');
  return { ek: clean(ek), ak: clean(ak), dk: clean(dk), systemTitle: clean(systemTitle) };
}

function Answered({ answer }: { answer: Answer<DecodedFrames> }) {
  if (answer.ok) return <DecodedView decoded={answer.value} />;
  const { problem } = answer;
  // What was typed is at fault: the server says in words where.
  if (problem.status !== 400) return <Wrong problem={problem} />;
  return (
    <div class="frame-problem" role="alert">
      <b>{words.frames.notTaken}</b>
      <span>{problem.message}</span>
    </div>
  );
}

/** Tree and octets of an answer, side by side. */
export function DecodedView({ decoded }: { decoded: DecodedFrames }) {
  const view = useMemo(() => viewOf(decoded), [decoded]);
  const [selected, setSelected] = useState<number | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const marked = view.rows[pointed ?? selected ?? -1];
  const { problem } = decoded;
  return (
    <div class="frame-decoded">
      {problem && (
        <div class="frame-problem" role="alert">
          <b>{words.frames.stopped(problem.offset)}</b>
          <span>
            {problem.message} <code>{problem.code}</code>
          </span>
        </div>
      )}
      <div class="frame-panes">
        <Card title={words.frames.fields(view.rows.length)} class="frame-pane-tree">
          <FrameTree
            view={view}
            selected={selected}
            folded={folded}
            onSelect={setSelected}
            onPoint={setPointed}
            onFold={(row, isFolded) => {
              const next = new Set(folded);
              if (isFolded) next.add(row);
              else next.delete(row);
              setFolded(next);
            }}
          />
        </Card>
        <Card title={words.frames.octetsTitle} class="frame-pane-octets">
          <OctetGrids view={view} marked={marked} onSelect={setSelected} onPoint={setPointed} />
        </Card>
      </div>
    </div>
  );
}
