/** Tables for a terminal. */

/** Rows under headings; columns of numbers are set to the right. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const isNumber = headings.map((_, column) =>
    rows.every((row) => /^-?[\d.,]*( %)?$/.test(row[column] ?? '')),
  );
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [lineOf(headings), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(lineOf)].join(
    '\n',
  );
}
