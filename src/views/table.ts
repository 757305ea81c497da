import { padded, textWidth } from './text-width.js';

/**
 * One line a row, each column as wide as its widest cell; nothing stands behind the last one. All rows have as many cells. Letters that run
 * from right to left are left as they are, as ls leaves them: marks that keep a cell in its place would be copied with the name,
 * which no VM then has, and many terminals show them as boxes.
 */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => textWidth(cells[column]!))));
  return rows.map((cells) =>
    cells
      .map((cell, column) => padded(cell, widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
