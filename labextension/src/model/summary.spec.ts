import { describe, expect, it } from 'vitest';

import type { IAnalysis, IFinding, ISpan } from './documents';
import { findingsByCell, firstLine, isTagged, isTold, stateOf, telling } from './summary';

const span = (cell: number, line: number): ISpan => ({ cell, line, column: 0, end_line: line, end_column: 1 });
const finding = (severity: IFinding['severity'], cell: number): IFinding => ({
  code: 'NB224',
  severity,
  message: 'm',
  remedy: 'r',
  span: span(cell, 1),
  fixes: []
});

const analysis: IAnalysis = {
  error: null,
  findings: [finding('warning', 2), finding('refusal', 3), { ...finding('info', 1), span: null }],
  dataflow: {
    statements: ['df = load()', 'X = df[["a"]]\n# more', 'm = fit(X)', 'p = m.predict(X)', 'plot(X)'].map((source, number) => ({
      number,
      source,
      span: span(number + 1, 1)
    }))
  },
  outline: {
    raws: [{ name: 'df', statement: 0 }],
    model: { estimator: 'm', fit: 2, method: 'predict', output: 'p', output_statement: 3 },
    checks: [{ cell: 6, name: 'auc', serve: true }],
    serving: { statements: [1, 3], reasons: [{ statement: 1, text: 'leads to p' }] },
    training: { statements: [1, 2], reasons: [] }
  },
  left_out: [{ statement: 4, text: 'only shows' }]
};

const findingsOf = (cell: number) => findingsByCell(analysis).get(cell) ?? [];

describe('a cell’s state', () => {
  it('is the worst of its own findings', () => {
    expect(stateOf(findingsOf(1))).toBe('ok');
    expect(stateOf(findingsOf(2))).toBe('warning');
    expect(stateOf([...findingsOf(2), ...findingsOf(3)])).toBe('refused');
  });
});

describe('a notebook', () => {
  const said = (code: string): IAnalysis => ({ ...analysis, findings: [{ ...finding('refusal', 2), code }] });

  it('is tagged where a tag was tried, too', () => {
    expect(isTagged([null, null], said('NB201'))).toBe(false);
    expect(isTagged([null, null], said('NB101'))).toBe(true);
    expect(isTagged([null, {}], null)).toBe(true);
  });

  it('without a tag has no sign at the cell that wants one', () => {
    expect(said('NB201').findings.map(isTold)).toEqual([false]);
    expect(said('NB101').findings.map(isTold)).toEqual([true]);
  });
});

it('a first line tells that there is more', () => {
  expect([firstLine('a'), firstLine('a\nb')]).toEqual(['a', 'a …']);
});

it.each([
  ['# nb2svc: feature\nimport pandas as pd\n\nX = df[["a"]]', 'X = df[["a"]]'],
  ['import pandas as pd', 'import pandas as pd'],
  ['%%nb2svc model\n  m.fit(X)', 'm.fit(X)'],
  ['# only words', '# only words'],
  ['', '']
])('the line that tells of %j is %j', (source, line) => {
  expect(telling(source)).toBe(line);
});
