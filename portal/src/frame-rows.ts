/** A decoded capture as rows of a tree and grids of octets: which row names an octet, which octets a row takes. */
import type { DecodedFrames, FrameField } from '@wattline/model';

/** One field as a row. */
export interface FrameRow {
  readonly id: number;
  readonly parent: number | null;
  /** 1 for frames. */
  readonly level: number;
  readonly name: string;
  readonly value: string | null;
  readonly hasChildren: boolean;
  /** Grid its octets stand in, and where. */
  readonly grid: number;
  readonly offset: number;
  readonly length: number;
  /** Something is wrong here. */
  readonly isWrong: boolean;
}

/** Octets shown together; grid 0 is the capture, others were deciphered or put together. */
export interface FrameGrid {
  /** The row that holds it; null for the capture. */
  readonly row: number | null;
  readonly name: string;
  readonly octets: readonly string[];
}

/** All rows and grids. */
export interface FrameView {
  readonly rows: readonly FrameRow[];
  readonly grids: readonly FrameGrid[];
}

/** Flattens the trees of an answer, parents before children. */
export function viewOf({ octets, frames }: DecodedFrames): FrameView {
  const rows: FrameRow[] = [];
  const grids: FrameGrid[] = [{ row: null, name: 'capture', octets: octetsOf(octets) }];
  const add = (field: FrameField, parent: number | null, level: number, outer: number): void => {
    const id = rows.length;
    const grid = field.octets === null ? outer : grids.length;
    if (field.octets !== null) grids.push({ row: id, name: field.name, octets: octetsOf(field.octets) });
    const { name, value, offset, length, children } = field;
    // A field with octets of its own shows its value there already.
    const shown = field.octets === null ? value : null;
    rows.push({
      id,
      parent,
      level,
      name,
      value: shown,
      hasChildren: children.length > 0,
      grid,
      offset,
      length,
      isWrong: isWrong(field),
    });
    for (const child of children) add(child, id, level + 1, grid);
  };
  for (const frame of frames) add(frame, null, 1, 0);
  return { rows, grids };
}

function isWrong({ name, value }: FrameField): boolean {
  return name === 'error' || name === 'trailing-octets' || / wrong: |^dlms\//.test(value ?? '');
}

/** The row that names an octet most closely. */
export function rowAt({ rows }: FrameView, grid: number, octet: number): FrameRow | undefined {
  return rows.findLast((row) => row.grid === grid && octet >= row.offset && octet < row.offset + row.length);
}

/** Rows in sight when some are folded. */
export function visibleRows({ rows }: FrameView, folded: ReadonlySet<number>): readonly FrameRow[] {
  const hidden = new Set<number>();
  return rows.filter(({ id, parent }) => {
    const isHidden = parent !== null && (hidden.has(parent) || folded.has(parent));
    if (isHidden) hidden.add(id);
    return !isHidden;
  });
}

/** The row a key leads to; undefined when it leads nowhere, or folds and unfolds. */
export function rowAfterKey(
  visible: readonly FrameRow[],
  current: FrameRow,
  key: string,
): FrameRow | undefined {
  const at = visible.findIndex(({ id }) => id === current.id);
  switch (key) {
    case 'ArrowDown':
      return visible[at + 1];
    case 'ArrowUp':
      return visible[at - 1];
    case 'Home':
      return visible[0];
    case 'End':
      return visible.at(-1);
    case 'ArrowLeft':
      return visible.find(({ id }) => id === current.parent);
    case 'ArrowRight':
      return visible[at + 1]?.parent === current.id ? visible[at + 1] : undefined;
    default:
      return undefined;
  }
}

function octetsOf(hex: string): readonly string[] {
  return hex.match(/../g) ?? [];
}
