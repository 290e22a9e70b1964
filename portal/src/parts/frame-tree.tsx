/** The fields of a capture as a tree that can be walked by keyboard. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type FrameRow, type FrameView, rowAfterKey, visibleRows } from '../frame-rows.ts';
import { words } from '../words.ts';

/** The tree; `selected` is shown in the octets too. */
export function FrameTree(props: {
  view: FrameView;
  selected: number | null;
  folded: ReadonlySet<number>;
  onSelect: (row: number) => void;
  onPoint: (row: number | null) => void;
  onFold: (row: number, isFolded: boolean) => void;
}) {
  const { view, selected, folded, onSelect, onPoint, onFold } = props;
  const visible = visibleRows(view, folded);
  const list = useRef<HTMLDivElement>(null);
  const isByKey = useRef(false);
  useLayoutEffect(() => {
    if (!isByKey.current || selected === null) return;
    isByKey.current = false;
    list.current?.querySelector<HTMLElement>(`[data-row="${selected}"]`)?.focus();
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent, row: FrameRow) => {
    const isFolded = folded.has(row.id);
    if (row.hasChildren && event.key === (isFolded ? 'ArrowRight' : 'ArrowLeft')) {
      event.preventDefault();
      onFold(row.id, !isFolded);
      return;
    }
    const next = rowAfterKey(visible, row, event.key);
    if (!next) return;
    event.preventDefault();
    isByKey.current = true;
    onSelect(next.id);
  };
  const inTabOrder = visible.some(({ id }) => id === selected) ? selected : (visible[0]?.id ?? null);
  return (
    <div
      class="frame-tree"
      role="tree"
      aria-label={words.frames.tree}
      ref={list}
      onPointerLeave={() => onPoint(null)}
    >
      {visible.map((row) => (
        <div
          key={row.id}
          role="treeitem"
          data-row={row.id}
          aria-level={row.level}
          aria-selected={row.id === selected}
          {...(row.hasChildren ? { 'aria-expanded': !folded.has(row.id) } : {})}
          tabIndex={row.id === inTabOrder ? 0 : -1}
          class={`frame-row${row.isWrong ? ' frame-row-wrong' : ''}${view.grids[row.grid]?.row === row.id ? ' frame-row-opened' : ''}`}
          style={{ '--level': row.level }}
          onClick={() => onSelect(row.id)}
          onPointerEnter={() => onPoint(row.id)}
          onFocus={() => onSelect(row.id)}
          onKeyDown={(event) => onKeyDown(event, row)}
        >
          <button
            type="button"
            class="frame-fold"
            tabIndex={-1}
            aria-hidden="true"
            disabled={!row.hasChildren}
            onClick={(event) => {
              event.stopPropagation();
              onFold(row.id, !folded.has(row.id));
            }}
          >
            {row.hasChildren ? (folded.has(row.id) ? '▸' : '▾') : ''}
          </button>
          <span class="frame-name">{row.name}</span>
          {row.value !== null && <span class="frame-value">{row.value}</span>}
          <span class="frame-place">{words.frames.place(row.offset, row.length)}</span>
        </div>
      ))}
    </div>
  );
}
