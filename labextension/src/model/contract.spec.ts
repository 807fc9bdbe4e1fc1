import { describe, expect, it } from 'vitest';

import { columnText, contractOf, fault, namesIn, renumbered, shown, standingsOf } from './contract';
import type { IAnalysis, IChoice, IPromisedColumn, ISpan } from './documents';

const span = (cell: number, line: number): ISpan => ({ cell, line, column: 0, end_line: line, end_column: 1 });

const analysis: IAnalysis = {
  error: null,
  findings: [],
  notebook: {
    name: 'loans.ipynb',
    cells: [1, 2, 3, 4].map(number => ({
      number,
      id: `c${number}`,
      label: '',
      source: '',
      directive: number === 2 ? { role: 'feature', name: null } : null,
      parameters: false
    }))
  },
  dataflow: {
    statements: [
      ['df = load()', 1, 1],
      ['X = df[["a"]]\n# more', 2, 1],
      ['X.head()', 2, 2],
      ['m = fit(X)', 3, 1],
      ['p = m.predict(X)', 3, 2],
      ['plot(X)', 4, 1]
    ].map(([source, cell, line], number) => ({ number, source: String(source), span: span(Number(cell), Number(line)) }))
  },
  outline: {
    raws: [{ name: 'df', statement: 0 }],
    model: { estimator: 'm', fit: 3, method: 'predict', output: 'p', output_statement: 4 },
    checks: [{ cell: 4, name: 'auc', serve: true }],
    serving: { statements: [1, 4], reasons: [{ statement: 1, text: 'leads to p' }] },
    training: { statements: [1, 3], reasons: [] }
  },
  left_out: [
    { statement: 0, text: 'loads' },
    { statement: 2, text: 'only shows' },
    { statement: 5, text: 'only plots' }
  ],
  standings: [
    { cell: 1, standing: 'training', pulled: true },
    { cell: 2, standing: 'served', pulled: false },
    { cell: 3, standing: 'served', pulled: true },
    { cell: 4, standing: 'out', pulled: false }
  ],
  checks: [{ cell: 4, name: 'auc', evaluated: false, why: 'no data' }],
  contract: {
    captured: '',
    note: '',
    tables: [],
    features: [],
    feature_text: 'X',
    state: [],
    estimator_type: 'sklearn.linear_model.Ridge',
    answer: { kind: '', dtype: '', classes: [], names: [] },
    target: null,
    choices: []
  }
};

describe('the contract', () => {
  it('says what answers, and what is in or out by cell', () => {
    const contract = contractOf(analysis);
    expect(contract?.answer).toEqual({ text: 'p = m.predict(…)', span: span(3, 2) });
    expect(contract?.model).toEqual({ name: 'm', type: 'sklearn.linear_model.Ridge', span: span(3, 1) });
    expect(contract?.checks).toEqual([{ cell: 4, name: 'auc', why: 'no data' }]);
    expect(contract?.served.map(group => [group.cell, group.role, group.whole, group.lines.length])).toEqual([
      [2, 'feature', false, 1],
      [3, null, true, 1]
    ]);
    expect(contract?.served[0]?.lines[0]).toMatchObject({ span: span(2, 1), source: 'X = df[["a"]] …', reason: 'leads to p' });
    expect(contract?.leftOut.map(group => [group.cell, group.whole, group.lines.map(line => line.reason)])).toEqual([
      [1, false, ['loads']],
      [2, false, ['only shows']],
      [4, true, ['only plots']]
    ]);
  });

  it('is none where the notebook can’t be compiled', () => {
    expect(contractOf({ ...analysis, outline: null })).toBeNull();
  });

  it('does not go on with a statement that is not there', () => {
    expect(() => contractOf({ ...analysis, dataflow: { statements: [] } })).toThrow('no statement 1');
  });

  it('knows what a cell is for the service by its id', () => {
    expect(standingsOf(analysis).get('c1')).toEqual({ standing: 'training', pulled: true });
    expect(standingsOf(null).size).toBe(0);
  });
});

const column = (more: Partial<IPromisedColumn>): IPromisedColumn => ({
  name: 'age',
  kind: 'integer',
  dtype: 'int64',
  use: 'read',
  optional: false,
  low: null,
  high: null,
  categories: 0,
  seen: [],
  ...more
});

describe('a column', () => {
  it.each([
    [column({}), 'integer'],
    [column({ low: 18, high: 79 }), 'integer 18 … 79'],
    [
      column({ kind: 'datetime', low: '2024-01-01T00:00:00', high: '2024-05-01T10:00:00' }),
      'datetime 2024-01-01 … 2024-05-01T10:00:00'
    ],
    [column({ kind: 'string', categories: 3, seen: ['a', 'b'] }), 'string: a, b, …'],
    [column({ kind: 'string', categories: 2, seen: ['a', 'b'] }), 'string: a, b']
  ])('%# is told in a few words', (one, text) => {
    expect(columnText(one)).toBe(text);
  });

  it('has a day for a moment at midnight', () => {
    expect([shown('2024-01-01 00:00:00'), shown(3), shown(null)]).toEqual(['2024-01-01', '3', 'null']);
  });
});

describe('what a person writes for an option', () => {
  const choice = (kind: IChoice['kind'], ...candidates: string[]): IChoice => ({
    key: 'optional',
    role: 'feature',
    kind,
    cell: 2,
    value: '',
    given: false,
    candidates
  });

  it.each([
    [choice('columns', 'age', 'home town'), ' age ,home town', ''],
    [choice('columns', 'age'), 'age, agee', 'unknown'],
    [choice('columns', 'age'), ' , ', 'empty'],
    [choice('columns'), 'anything', ''],
    [choice('column', 'a, b'), 'a, b', ''],
    [choice('column'), '', 'empty']
  ] as const)('%# is checked', (one, text, wrong) => {
    expect(fault(one, text)).toBe(wrong);
  });

  it('is a list where it has commas', () => {
    expect(namesIn(' a,b , ')).toEqual(['a', 'b']);
  });
});

it('links follow cells that moved, and a cell that is gone has none', () => {
  const links = [
    { source: 1, target: 2, names: ['a'] },
    { source: 1, target: 3, names: ['b'] }
  ];
  expect(
    renumbered(
      links,
      new Map([
        [1, 1],
        [3, 2]
      ])
    )
  ).toEqual([{ source: 1, target: 2, names: ['b'] }]);
});
