/** Where the demo writes: lines that stay, and on a terminal, below them, a block that is redrawn in place. */

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface Screen {
  /** Writes a line that stays, however long. */
  line(text: string): void;
  /** Writes a line that stays, cut to a terminal's width. */
  row(text: string): void;
  /** Replaces the block; does nothing where lines cannot be taken back. */
  block(lines: readonly string[]): void;
}

const CONTROL = '\u001b[';

/** A screen on a terminal, or on a file or pipe, which are given lines and no escape codes. */
export function createScreen(output: Output): Screen {
  if (output.isTTY !== true) {
    const line = (text: string): void => void output.write(`${text}\n`);
    return { line, row: line, block: () => {} };
  }
  let shown: readonly string[] = [];

  const erase = (): string => (shown.length === 0 ? '' : `${CONTROL}${shown.length}A\r${CONTROL}J`);
  const draw = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

  const line = (text: string): void => void output.write(`${erase()}${text}\n${draw(shown)}`);

  return {
    line,
    row: (text) => line(cut(text, output.columns)),
    block: (lines) => {
      const next = crop(lines, (output.rows || 24) - 1).map((line) => cut(line, output.columns));
      if (next.join('\n') === shown.join('\n')) return;
      const text = erase() + draw(next);
      shown = next;
      output.write(text);
    },
  };
}

/** A line that wraps would be two to take back. */
function cut(text: string, columns: number | undefined): string {
  const width = columns || 80;
  return text.length < width ? text : `${text.slice(0, width - 2)}…`;
}

function crop(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`];
}
