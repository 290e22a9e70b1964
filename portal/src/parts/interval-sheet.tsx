/** One interval's whole story: its value, its versions, the checks that looked at it, and the frame from the meter. */
import type { IntervalExplanation } from '@wattline/model';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import {
  formatDate,
  formatEnergy,
  formatInterval,
  formatMoment,
  formatPower,
  hexRows,
  localiseInstants,
  quantityText,
} from '../format.ts';
import { markOf } from '../quality-mark.ts';
import { stateShapes } from '../shapes.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { Measure } from './card.tsx';
import { Glyph, MarkTag } from './glyph.tsx';

/** The sheet that slides over the page; Escape and a click beside it close it. */
export function Sheet({
  label,
  onClose,
  children,
}: {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself.
    <dialog
      ref={dialog}
      class="sheet"
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="sheet-body">
        <button
          type="button"
          class="sheet-close"
          aria-label={words.close}
          onClick={() => dialog.current?.close()}
        >
          <svg viewBox="0 0 12 12" width="14" height="14" aria-hidden="true">
            <path d="M2 2l8 8M10 2l-8 8" class="stroke" />
          </svg>
        </button>
        {children}
      </div>
    </dialog>
  );
}

/** The story itself. `scale` and `unit` are the channel's. */
export function IntervalStory({
  story,
  zone,
  scale,
}: {
  story: IntervalExplanation;
  zone: string;
  scale: number;
}) {
  const startMs = Date.parse(story.start);
  const endMs = startMs + story.intervalSeconds * 1000;
  const versions = story.versions.toReversed().sort((a, b) => b.knownAt.localeCompare(a.knownAt));
  const current = versions[0];
  const value = current?.value ?? null;
  const watts = value === null ? null : (Number(value) * 10 ** scale * 3600) / story.intervalSeconds;
  return (
    <div class="story">
      <p class="figure-label">{words.interval.title}</p>
      <h2>
        {formatDate(wallOf(startMs, zone).date, 'medium')}{' '}
        <span class="story-time">{formatInterval(startMs, endMs, zone)}</span>
      </h2>
      <p class="zone">
        {zone} · {story.channel}
      </p>
      <div class="story-value">
        <Measure {...formatEnergy(value, scale)} class="measure-hero" />
        <MarkTag mark={markOf(value === null ? 0 : (current?.quality ?? 0))} />
      </div>
      {watts !== null && (
        <p class="figure-note">{words.interval.average(quantityText(formatPower(watts)))}</p>
      )}

      <h3>{words.interval.versions}</h3>
      <p class="story-hint">
        {versions.length === 0 ? words.interval.noVersions : words.interval.versionsText}
      </p>
      <ol class="versions">
        {versions.map((version, index) => (
          <li key={`${version.knownAt}-${version.reference}`} class={index === 0 ? 'is-current' : ''}>
            <div class="version-head">
              <b>{quantityText(formatEnergy(version.value, scale))}</b>
              <MarkTag mark={markOf(version.value === null ? 0 : version.quality)} />
              {index === 0 && <span class="pill">{words.interval.current}</span>}
            </div>
            <dl>
              <Row name={words.interval.knownAt}>{formatMoment(Date.parse(version.knownAt), zone)}</Row>
              <Row name={words.interval.source}>
                {words.interval.sources[version.source] ?? version.source}
              </Row>
              {version.method !== '' && (
                <Row name={words.interval.method}>
                  <code>{version.method}</code>
                </Row>
              )}
              <Row name={words.interval.reference}>
                <code>{version.reference}</code>
              </Row>
            </dl>
          </li>
        ))}
      </ol>

      <h3>{words.interval.verdicts}</h3>
      {story.verdicts.length === 0 ? (
        <p class="story-hint">{words.interval.noVerdicts}</p>
      ) : (
        <ul class="verdicts">
          {story.verdicts.map((verdict) => (
            <li key={`${verdict.rule}-${verdict.knownAt}`} data-outcome={verdict.outcome}>
              <Glyph shape={verdict.outcome === 'pass' ? stateShapes.ok : stateShapes.late} />
              <span>
                <b>{verdict.rule}</b> {words.interval[verdict.outcome]}
                {verdict.detail !== '' && `: ${localiseInstants(verdict.detail, zone)}`}
              </span>
            </li>
          ))}
        </ul>
      )}

      <h3>{words.interval.frame}</h3>
      <Frame exchange={story.exchange} zone={zone} />
    </div>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Frame({ exchange, zone }: { exchange: IntervalExplanation['exchange']; zone: string }) {
  if (!exchange) return <p class="story-hint">{words.interval.noFrame}</p>;
  return (
    <div class="frame">
      <p>
        {words.interval.frameText(exchange.serial, formatMoment(Date.parse(exchange.at), zone))}
        <br />
        <code>{exchange.id}</code>
      </p>
      {exchange.hex === null ? (
        <p class="story-hint">{words.interval.noHex}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section class="hex" tabIndex={0} aria-label={words.interval.frame}>
          <pre>
            {hexRows(exchange.hex).map(({ offset, octets }) => (
              <span key={offset} class="hex-row">
                <span class="hex-offset">{offset}</span> {octets}
                {'\n'}
              </span>
            ))}
          </pre>
        </section>
      )}
      {exchange.digest !== '' && (
        <p class="frame-digest">
          {words.interval.digest} <code>{exchange.digest}</code>
        </p>
      )}
    </div>
  );
}
