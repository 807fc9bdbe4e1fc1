import { describe, expect, it } from 'vitest';

import type { IAnalysis, IEdit, IFinding, IFix, IRetag } from './documents';
import { blocksOf, changesOf, fits, inlineOf, rangeOf, retagged, settled, withoutChoice } from './fixes';

const edit = (line: number, column: number, end_column: number, text = '', cell = 1): IEdit => ({
  cell,
  line,
  column,
  end_line: line,
  end_column,
  text
});
const fixOf = (edits: readonly IEdit[], more: Partial<IFix> = {}): IFix => ({
  title: '',
  edits,
  metadata: [],
  choice: false,
  ...more
});
const finding = (fixes: readonly IFix[], more: Partial<IFinding> = {}): IFinding => ({
  code: 'NB225',
  severity: 'warning',
  message: '',
  remedy: '',
  span: edit(1, 0, 1),
  fixes,
  ...more
});
const retag = (more: Partial<IRetag>): IRetag => ({ cell: 'a', add: [], remove: [], settings: '', ...more });
const analysisOf = (source: string, findings: readonly IFinding[]): IAnalysis => ({
  findings,
  error: null,
  notebook: { name: 'x.ipynb', cells: [{ number: 1, id: 'a', label: '', source, directive: null, parameters: false }] }
});
const textAt = (text: string, range: { from: number; to: number } | null) => range && text.slice(range.from, range.to);

describe('a place', () => {
  it('is found by line and column', () => {
    expect(textAt('x = 1\nyy = 2', rangeOf('x = 1\nyy = 2', edit(2, 0, 2)))).toBe('yy');
  });

  it('counts a character beyond the first plane as one', () => {
    const text = "a = '😀😀'; b = 2";
    expect(textAt(text, rangeOf(text, edit(1, 10, 11)))).toBe('b');
  });

  it('behind the end of its line is the end', () => {
    expect(rangeOf('abc\nd', edit(1, 1, 99))).toEqual({ from: 1, to: 3 });
  });

  it('in a line that is not there is none', () => {
    expect(rangeOf('abc', edit(2, 0, 0))).toBeNull();
  });
});

describe('changes', () => {
  it('come last first', () => {
    expect(changesOf('f(x)\ng(y)', [edit(1, 0, 0, 'a = '), edit(2, 2, 3, 'z')])).toEqual([
      { from: 7, to: 8, text: 'z' },
      { from: 0, to: 0, text: 'a = ' }
    ]);
  });

  it('of which one has no place are none', () => {
    expect(changesOf('x', [edit(1, 0, 0), edit(5, 0, 0)])).toBeNull();
  });
});

describe('the findings of a cell', () => {
  it('stand where they are', () => {
    const found = finding([], { span: edit(2, 4, 5) });
    expect(inlineOf(analysisOf('x = 1\ny = 2', [found]), 'a', 'x = 1\ny = 2')).toEqual([{ from: 10, to: 11, finding: found }]);
  });

  it('are not known once the cell is another one', () => {
    expect(inlineOf(analysisOf('x = 1', [finding([])]), 'a', 'x = 12')).toBeNull();
    expect(inlineOf(analysisOf('x = 1', [finding([])]), 'b', 'x = 1')).toBeNull();
  });

  it('without extent underline what follows, or their line', () => {
    const at = (column: number) =>
      inlineOf(analysisOf('ab\ncd', [finding([], { span: edit(1, column, column) })]), 'a', 'ab\ncd');
    expect(at(1)).toMatchObject([{ from: 1, to: 2 }]);
    expect(at(2)).toMatchObject([{ from: 0, to: 2 }]);
  });
});

describe('a fix', () => {
  it('fits the cells as they were analysed', () => {
    const analysis = analysisOf('x = 1', []);
    const fix = fixOf([edit(1, 0, 1)]);
    const now = (source: string, tags: readonly string[] = []) => ({ source, tags });
    expect(fits(fix, analysis, () => now('x = 1'))).toBe(true);
    expect(fits(fix, analysis, () => now('x = 2'))).toBe(false);
    expect(fits(fixOf([edit(2, 0, 1)]), analysis, () => now('x = 1'))).toBe(false);
    expect(fits(fixOf([], { metadata: [retag({})] }), analysis, () => undefined)).toBe(false);
    const meant = fixOf([], { metadata: [retag({ add: ['nb2svc:model'], remove: ['nb2svc:modell'] })] });
    expect(fits(meant, analysis, () => now('x = 2', ['nb2svc:modell']))).toBe(true);
    expect(fits(meant, analysis, () => now('x = 1', ['nb2svc:check']))).toBe(false);
  });

  it('that is a choice, one of several, or meets another one is not made with all', () => {
    const [one, beside, behind] = [fixOf([edit(1, 0, 2)]), fixOf([edit(1, 2, 3)]), fixOf([edit(1, 4, 5)])];
    const choice = fixOf([edit(2, 0, 1)], { choice: true });
    expect(withoutChoice([[one], [beside], [behind], [choice], [fixOf([]), fixOf([])], []].map(fixes => finding(fixes)))).toEqual(
      [one, behind]
    );
  });

  it('changes tags and leaves those of others', () => {
    expect(retagged(['mine', 'nb2svc:modell'], retag({ add: ['nb2svc:model'], remove: ['nb2svc:modell'] }))).toEqual([
      'mine',
      'nb2svc:model'
    ]);
    expect(retagged(['a', 'nb2svc:model', 'b'], retag({ remove: ['nb2svc:model'] }))).toEqual(['a', 'b']);
    expect(retagged(['a'], retag({ add: ['nb2svc:check'] }))).toEqual(['a', 'nb2svc:check']);
  });

  it('patches the settings, of which unknown ones stay', () => {
    const patch = retag({ settings: '{"options": {"output": "rate", "outptu": null}}' });
    expect(settled({ other: 1, options: { outptu: 'rate', raw: 'x' } }, patch)).toEqual({
      other: 1,
      options: { raw: 'x', output: 'rate' }
    });
    expect(settled({ name: 'a' }, retag({ settings: 'null' }))).toBeUndefined();
    expect(settled({ name: 'a' }, retag({}))).toEqual({ name: 'a' });
  });
});

describe('a page', () => {
  it('is text and code in turn', () => {
    expect(blocksOf('Assign\nthe result.\n\n    x = 1\n\n    y = 2\n\nThen go on.\n')).toEqual([
      { isCode: false, text: 'Assign the result.' },
      { isCode: true, text: 'x = 1\n\ny = 2' },
      { isCode: false, text: 'Then go on.' }
    ]);
  });
});
