import { describe, expect, it } from 'vitest';
import { createScreen, type Output } from '../../../infra/demo/screen.ts';

const ESC = '\u001b[';

function createOutput(more: Partial<Output> = {}) {
  const written: string[] = [];
  return { ...more, written, write: (text: string) => written.push(text) };
}

describe('a screen on a pipe', () => {
  it('is given whole lines alone', () => {
    const output = createOutput({ columns: 10 });
    const screen = createScreen(output);
    screen.line('one');
    screen.block(['open']);
    screen.row('longer than ten columns');
    expect(output.written.join('')).toBe('one\nlonger than ten columns\n');
  });
});

describe('a screen on a terminal', () => {
  const terminal = (more: Partial<Output> = {}) => createOutput({ isTTY: true, columns: 10, rows: 5, ...more });

  it('redraws its block in place', () => {
    const output = terminal();
    const screen = createScreen(output);
    screen.block(['a', 'b']);
    screen.block(['c']);
    screen.block([]);
    expect(output.written).toEqual(['a\nb\n', `${ESC}2A\r${ESC}Jc\n`, `${ESC}1A\r${ESC}J`]);
  });

  it('leaves a block alone that is as it was', () => {
    const output = terminal();
    const screen = createScreen(output);
    screen.block(['a']);
    screen.block(['a']);
    expect(output.written).toEqual(['a\n']);
  });

  it('writes lines above the block', () => {
    const output = terminal();
    const screen = createScreen(output);
    screen.block(['a']);
    screen.line('a long line that may wrap');
    expect(output.written.at(-1)).toBe(`${ESC}1A\r${ESC}Ja long line that may wrap\na\n`);
  });

  it('cuts rows and the block to its width and height', () => {
    const output = terminal();
    const screen = createScreen(output);
    screen.row('123456789');
    screen.row('1234567890');
    screen.block(['1234567890', 'b', 'c', 'd', 'e']);
    expect(output.written).toEqual(['123456789\n', '12345678…\n', '12345678…\nb\nc\n… and 2 …\n']);
  });

  it('takes a terminal that tells no size for one of 80 columns and 24 rows', () => {
    const written: string[] = [];
    const screen = createScreen({ isTTY: true, columns: 0, rows: 0, write: (text) => written.push(text) });
    screen.block(Array.from({ length: 30 }, () => 'x'.repeat(90)));
    const lines = written.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(23);
    expect(lines[0]).toHaveLength(79);
  });
});
