/** What stands in place of data: loading, empty, wrong; and what stands above data that is late. */
import type { ComponentChildren } from 'preact';
import { formatAge } from '../format.ts';
import type { Problem } from '../problem.ts';
import type { Remote } from '../resource.ts';
import { severityShapes } from '../shapes.ts';
import { adviceFor, words } from '../words.ts';
import { Glyph } from './glyph.tsx';

/** Grey shapes where something will be, in the size it will have. */
export function Skeleton({ kind }: { kind: 'figure' | 'chart' | 'list' | 'bill' }) {
  const bars = { figure: 3, chart: 1, list: 6, bill: 7 }[kind];
  return (
    <div class={`skeleton skeleton-${kind}`} role="status" aria-label={words.loading}>
      {Array.from({ length: bars }, (_, index) => (
        <span key={index} class="skeleton-bar" />
      ))}
    </div>
  );
}

/** Nothing is there, and that is in order. */
export function Empty({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="condition condition-empty">
      <svg viewBox="0 0 48 24" width="64" height="32" aria-hidden="true">
        <path d="M2 18h11l4-12 6 16 4-9 2 5h17" class="condition-line" />
      </svg>
      <p class="condition-title">{title}</p>
      <p class="condition-text">{text}</p>
      {children}
    </div>
  );
}

/** Something failed: what, what to do, and the code for whoever helps. */
export function Wrong({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  const { title, advice } = adviceFor(problem);
  return (
    <div class="condition condition-wrong" role="alert">
      <Glyph shape={severityShapes.alarm} size={28} />
      <p class="condition-title">{title}</p>
      <p class="condition-text">{advice}</p>
      <p class="condition-actions">
        {onRetry && (
          <button type="button" class="button" onClick={onRetry}>
            {words.retry}
          </button>
        )}
        {problem.status === 404 && (
          <a class="button" href="/">
            {words.unknown.back}
          </a>
        )}
      </p>
      <p class="condition-code">
        <code>{problem.code}</code> {problem.message}
      </p>
    </div>
  );
}

/** Data is older than it should be. */
export function LateBanner({
  children,
  onRetry,
}: {
  children: ComponentChildren;
  onRetry?: (() => void) | undefined;
}) {
  return (
    <div class="late" role="status">
      <Glyph shape={severityShapes.warning} size={16} />
      <p>{children}</p>
      {onRetry && (
        <button type="button" class="button button-small" onClick={onRetry}>
          {words.retry}
        </button>
      )}
    </div>
  );
}

/** Remote data in whichever state it is; the value is drawn by `children`. `nowMs` is the machine's time. */
export function Loaded<T>(props: {
  remote: Remote<T>;
  nowMs: number;
  skeleton: ComponentChildren;
  onRetry: () => void;
  children: (value: T) => ComponentChildren;
}) {
  const { remote, nowMs, skeleton, onRetry, children } = props;
  if (remote.state === 'loading') return <>{skeleton}</>;
  if (remote.state === 'wrong') return <Wrong problem={remote.problem} onRetry={onRetry} />;
  return (
    <>
      {remote.state === 'late' && (
        <LateBanner onRetry={onRetry}>{words.late.connection(formatAge(nowMs - remote.atMs))}</LateBanner>
      )}
      {children(remote.value)}
    </>
  );
}
