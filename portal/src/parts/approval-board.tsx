/** What waits for people: each batch with what it would do where, who has signed, why it waits, and the time left to say no. */
import type { BoardBatch, CommandBoard, GuardStatus } from '@wattline/model';
import { useState } from 'preact/hooks';
import { countdown, formatCount, formatLoad, formatTime, quantityText } from '../format.ts';
import { words } from '../words.ts';
import { Empty } from './condition.tsx';
import { SeverityGlyph } from './glyph.tsx';

/** What a person does on the board: stopping needs a name and no signature. */
export type BoardDecision =
  | { readonly kind: 'cancel'; readonly key: string; readonly by: string }
  | { readonly kind: 'red-switch'; readonly by: string };

interface BoardProps {
  readonly board: CommandBoard;
  /** The signer's time, by which windows run. */
  readonly nowMs: number;
  readonly zone: string;
  readonly isBusy: boolean;
  readonly onDecide: (decision: BoardDecision) => void;
}

/** The board. */
export function ApprovalBoard(props: BoardProps) {
  const { board } = props;
  const [by, setBy] = useState('');
  const name = by.trim();
  const decide = (decision: BoardDecision) => props.onDecide(decision);
  return (
    <div class="approvals">
      <GuardLine guard={board.guard} />
      {board.batches.length === 0 ? (
        <Empty title={words.approvals.none} text={words.approvals.noneText} />
      ) : (
        <ul class="approval-batches">
          {board.batches.map((batch) => (
            <Batch
              key={batch.key}
              {...{ batch, nowMs: props.nowMs, zone: props.zone }}
              isReady={name !== '' && !props.isBusy}
              onCancel={() => decide({ kind: 'cancel', key: batch.key, by: name })}
            />
          ))}
        </ul>
      )}
      <form class="approval-stop" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>{words.approvals.by}</span>
          <input value={by} autocomplete="name" onInput={(event) => setBy(event.currentTarget.value)} />
        </label>
        <button
          type="button"
          class="button button-stop"
          disabled={name === '' || props.isBusy || board.guard?.isRedSwitchPulled !== false}
          onClick={() => decide({ kind: 'red-switch', by: name })}
        >
          {words.approvals.pull}
        </button>
        <p>{words.approvals.stopText}</p>
      </form>
    </div>
  );
}

/** The red switch first: while it is pulled nothing else matters. */
function GuardLine({ guard }: { guard: GuardStatus | null }) {
  if (!guard) return <State kind="alarm" text={words.approvals.noSigner} />;
  const { isRedSwitchPulled, isClockDoubtful, enrolmentProblem, openMoves, holds } = guard;
  return (
    <div class="approval-guard">
      <State
        kind={isRedSwitchPulled ? 'alarm' : 'info'}
        text={isRedSwitchPulled ? words.approvals.redPulled : words.approvals.redReleased}
      />
      {isClockDoubtful && <State kind="alarm" text={words.approvals.clockDoubtful} />}
      {enrolmentProblem !== null && (
        <State kind="warning" text={words.approvals.enrolment(enrolmentProblem)} />
      )}
      {openMoves > 0 && <State kind="info" text={words.approvals.openMoves(formatCount(openMoves))} />}
      {holds > 0 && <State kind="info" text={words.approvals.holds(formatCount(holds))} />}
    </div>
  );
}

function State({ kind, text }: { kind: 'info' | 'warning' | 'alarm'; text: string }) {
  return (
    <p class={`approval-state approval-${kind}`} role={kind === 'alarm' ? 'alert' : undefined}>
      <SeverityGlyph severity={kind} />
      <span>{text}</span>
    </p>
  );
}

function Batch(props: {
  batch: BoardBatch;
  nowMs: number;
  zone: string;
  isReady: boolean;
  onCancel: () => void;
}) {
  const { batch, nowMs, zone } = props;
  const { key, command, meters, reason, requestedBy, state, cancelUntil, deadline } = batch;
  const isWaiting = state === 'requested' || state === 'held';
  return (
    <li class="approval-batch" data-key={key}>
      <header>
        <h3>
          {words.approvals.what(command, formatCount(meters))}{' '}
          <span class="chip-state">{words.approvals.states[state]}</span>
        </h3>
        {cancelUntil !== null && (
          <p class="approval-window" role="timer">
            {words.approvals.window} <b>{countdown(Date.parse(cancelUntil) - nowMs)}</b>
          </p>
        )}
      </header>
      <p>
        “{reason}”{' '}
        <span class="quiet">
          {words.approvals.askedBy(requestedBy, formatTime(Date.parse(deadline), zone))}
        </span>
      </p>
      <Places places={batch.places} />
      <p>{signedText(batch, zone)}</p>
      {batch.reasons.length > 0 && (
        <ul class="approval-reasons" aria-label={words.approvals.reasons}>
          {batch.reasons.map(({ code, message, count }) => (
            <li key={code}>
              {message} {count > 1 && <b>× {formatCount(count)}</b>} <code>{code}</code>
            </li>
          ))}
        </ul>
      )}
      <footer>
        {isWaiting && (
          <details>
            <summary>{words.approvals.how}</summary>
            <p>{words.approvals.howText}</p>
            <pre>
              <code>{`wattline headend job approve ${key} --person <you> --key-file <you>.pem`}</code>
            </pre>
            <p class="quiet">
              {words.approvals.hash} <code>{batch.hash}</code>
            </p>
          </details>
        )}
        <button type="button" class="button" disabled={!props.isReady} onClick={props.onCancel}>
          {words.approvals.cancel}
        </button>
      </footer>
    </li>
  );
}

/** Meters and load at each piece of the grid, against what the limits leave. */
function Places({ places }: { places: BoardBatch['places'] }) {
  if (places.length === 0) return null;
  const power = (watts: number) => quantityText(formatLoad(watts));
  return (
    <div class="approval-places">
      <table>
        <thead>
          <tr>
            <th scope="col">{words.approvals.place}</th>
            <th scope="col">{words.approvals.meters}</th>
            <th scope="col">{words.approvals.load}</th>
            <th scope="col">{words.approvals.left}</th>
          </tr>
        </thead>
        <tbody>
          {places.map(({ scope, place, meters, watts, metersLeft, wattsLeft }) => (
            <tr
              key={`${scope}/${place}`}
              class={isOver(meters, metersLeft) || isOver(watts, wattsLeft) ? 'is-over' : ''}
            >
              <th scope="row">
                {place} <span class="quiet">{words.approvals.scopes[scope as 'feeder'] ?? scope}</span>
              </th>
              <td>{formatCount(meters)}</td>
              <td>{power(watts)}</td>
              <td>
                {metersLeft === null || wattsLeft === null
                  ? words.approvals.unlimited
                  : words.approvals.leaves(formatCount(metersLeft), power(wattsLeft))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isOver(asked: number, left: number | null): boolean {
  return left !== null && asked > left;
}

function signedText({ approvals }: BoardBatch, zone: string): string {
  if (approvals.length === 0) return words.approvals.nobody;
  const people = approvals.map(({ person, at }) => `${person} ${formatTime(Date.parse(at), zone)}`);
  return words.approvals.signed(people.join(', '));
}
