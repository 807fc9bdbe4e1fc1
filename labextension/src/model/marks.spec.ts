import { describe, expect, it } from 'vitest';

import { changesOf } from './fixes';
import { markOf } from './marks';

const span = (line: number, end = line) => ({ cell: 2, line, column: 0, end_line: end, end_column: 1 });

function after(source: string, line: number, end = line): string | null {
  const { change } = markOf(source, span(line, end), 'drop');
  const changes = change && changesOf(source, change.edits);
  return changes && changes.reduce((text, each) => text.slice(0, each.from) + each.text + text.slice(each.to), source);
}

describe('a statement', () => {
  it.each([
    ['x = 1\ny = 2', 1, 1, 'x = 1  # nb2svc: drop\ny = 2'],
    ['x = f(\n  1)\ny = 2', 1, 2, 'x = f(\n  1)  # nb2svc: drop\ny = 2'],
    ['x = 1  # wide', 1, 1, 'x = 1  # wide  # nb2svc: drop'],
    ['for a in b:\n  c()', 1, 2, 'for a in b:  # nb2svc: drop\n  c()'],
    ['x = 1  # nb2svc: drop\ny = 2', 1, 1, 'x = 1\ny = 2'],
    ['x = 1  # wide # nb2svc: keep', 1, 1, 'x = 1  # wide'],
    ['for a in b:  #| nb2svc: drop\n  c()', 1, 2, 'for a in b:\n  c()']
  ])('%j, line %d to %d, becomes %j', (source, line, end, wanted) => {
    expect(after(source, line, end)).toBe(wanted);
  });

  it.each([
    ['def f(\n  a\n):\n  return a', 1, 4],
    ['x = 1;', 1, 1]
  ])('%j has no line end of its own', (source, line, end) => {
    expect(markOf(source, span(line, end), 'drop').change).toBeNull();
  });

  it('says what is said of it', () => {
    expect(markOf('x = 1  # nb2svc: keep', span(1), 'drop').said).toBe('keep');
    expect(markOf("x = '# nb2svc: keep'", span(1), 'drop').said).toBeNull();
  });
});
