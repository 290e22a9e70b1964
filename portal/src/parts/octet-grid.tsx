/** Octets in lines of sixteen with their offsets; those of the chosen field stand out, whichever grid they are in. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type FrameGrid, type FrameRow, type FrameView, rowAt } from '../frame-rows.ts';
import { words } from '../words.ts';

const lineLength = 16;

/** All grids of a capture. The tree beside them says the same to the keyboard and to screen readers. */
export function OctetGrids(props: {
  view: FrameView;
  marked: FrameRow | undefined;
  onSelect: (row: number) => void;
  onPoint: (row: number | null) => void;
}) {
  const { view, marked, onSelect, onPoint } = props;
  const grids = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const root = grids.current;
    if (!root) return;
    const rowOf = (event: Event) => {
      const { grid, at } = (event.target as HTMLElement).dataset;
      return at === undefined ? undefined : rowAt(view, Number(grid), Number(at));
    };
    const point = (event: Event) => onPoint(rowOf(event)?.id ?? null);
    const leave = () => onPoint(null);
    const select = (event: Event) => {
      const row = rowOf(event);
      if (row) onSelect(row.id);
    };
    root.addEventListener('pointerover', point);
    root.addEventListener('pointerleave', leave);
    root.addEventListener('click', select);
    return () => {
      root.removeEventListener('pointerover', point);
      root.removeEventListener('pointerleave', leave);
      root.removeEventListener('click', select);
    };
  }, [view, onSelect, onPoint]);
  useLayoutEffect(() => {
    if (grids.current) bringIntoSight(grids.current);
  }, [marked]);
  return (
    <div class="octet-grids" ref={grids}>
      {view.grids.map((grid, index) => (
        <section key={grid.row} class={`octet-grid${marked?.grid === index ? ' octet-grid-marked' : ''}`}>
          <h3>{words.frames.grid(grid.name, grid.octets.length)}</h3>
          <Lines view={view} index={index} grid={grid} marked={marked?.grid === index ? marked : undefined} />
        </section>
      ))}
    </div>
  );
}

/** Scrolls the pane that holds the octets, never the page: whoever points at fields must not lose their place. */
function bringIntoSight(grids: HTMLElement): void {
  const first = grids.querySelector('.octet-first');
  const pane = grids.closest('.card');
  if (!first || !pane || pane.scrollHeight <= pane.clientHeight) return;
  const [octet, frame] = [first.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (octet.top < frame.top) pane.scrollTop += octet.top - frame.top;
  else if (octet.bottom > frame.bottom) pane.scrollTop += octet.bottom - frame.bottom;
}

function Lines(props: { view: FrameView; index: number; grid: FrameGrid; marked: FrameRow | undefined }) {
  const { view, index, grid, marked } = props;
  const count = Math.ceil(grid.octets.length / lineLength);
  return (
    <div class="octet-lines" role="img" aria-label={words.frames.octets(grid.octets.join(' '))}>
      {Array.from({ length: count }, (_, line) => line * lineLength).map((first) => (
        <div key={first} class="octet-line">
          <span class="octet-offset">{first}</span>
          {grid.octets.slice(first, first + lineLength).map((octet, column) => {
            const at = first + column;
            return (
              <span
                key={at}
                data-grid={index}
                data-at={at}
                class={classOf(at, marked, rowAt(view, index, at))}
              >
                {octet}
              </span>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function classOf(at: number, marked: FrameRow | undefined, row: FrameRow | undefined): string {
  const [first, last] = marked ? [marked.offset, marked.offset + marked.length - 1] : [0, -1];
  const isMarked = at >= first && at <= last;
  return [
    'octet',
    isMarked ? 'octet-marked' : '',
    isMarked && at === first ? 'octet-first' : '',
    isMarked && at === last ? 'octet-last' : '',
    row?.isWrong ? 'octet-wrong' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}
