import { describe, expect, it } from 'vitest';

import {
  childRows,
  editable,
  editedFields,
  firstLooked,
  markOf,
  parsed,
  partingStep,
  partsOf,
  rowsCommand,
  said,
  usual,
  type IField,
  type IListedRow,
  type IPage,
  type IStep,
  type ITraced,
  type IValue
} from './rows';

const field = (kind: IField['kind'], more: Partial<IField> = {}): IField => ({
  name: 'x',
  kind,
  nullable: true,
  values: [],
  low: null,
  high: null,
  fields: [],
  ...more
});
const value = (more: Partial<IValue>): IValue => ({ name: 'X', column: 'age', equal: null, changed: false, ...more });
const step = (statement: number, cell: number): IStep => ({
  statement,
  cell,
  line: 1,
  text: '',
  file: 'features.py',
  at: 3,
  values: [],
  more: 0,
  as_before: 0,
  raised: ''
});

describe('values', () => {
  it.each([
    [undefined, '—'],
    [null, 'missing'],
    [0.1 + 0.2, '0.3'],
    [42, '42'],
    ['north', 'north'],
    ['2024-05-01T00:00:00', '2024-05-01'],
    ['2024-05-01T10:00:00', '2024-05-01T10:00:00'],
    [[1, 2], '[1,2]'],
    [false, 'false']
  ])('%j reads %s', (given, text) => {
    expect(said(given, 'missing')).toBe(text);
  });

  it.each([
    ['integer', '12', 12],
    ['number', '1e3', 1000],
    ['number', 'much', 'much'],
    ['string', '12', '12'],
    ['datetime', '2025-01-01', '2025-01-01'],
    ['boolean', 'true', true],
    ['any', '[1, 2]', [1, 2]]
  ] as const)('a %s field takes %s', (kind, text, meant) => {
    expect(parsed(field(kind), text)).toEqual(meant);
  });

  it('what is edited is what is read again', () => {
    for (const given of [12, 'north', true, [1, 2]]) {
      expect(parsed(field(typeof given === 'string' ? 'string' : 'any'), editable(given))).toEqual(given);
    }
    expect(editable(null)).toBe('');
  });

  it('a field without a value gets a usual one', () => {
    expect(usual(field('string', { values: ['a', 'b'] }))).toBe('a');
    expect(usual(field('integer', { low: 18, high: 79 }))).toBe(49);
    expect(usual(field('datetime', { low: '2024-07-01' }))).toBe('2024-07-01');
    expect(usual(field('table'))).toEqual([]);
    expect(usual(field('boolean'))).toBe(false);
  });
});

describe('an edited request', () => {
  const before = { age: 30, income: 12.5, moves: [{ amount: 1 }] };

  it('knows its edited fields', () => {
    expect(editedFields(before, { ...before })).toEqual([]);
    expect(editedFields(before, { ...before, income: null, moves: [{ amount: 2 }] })).toEqual(['income', 'moves']);
    expect(childRows(before, 'moves')).toEqual([{ amount: 1 }]);
    expect(childRows(before, 'age')).toEqual([]);
  });

  it('has a command line', () => {
    expect(rowsCommand('a b.ipynb', null, {}, {}, 'nearest')).toBe("nb2svc rows 'a b.ipynb'");
    expect(rowsCommand('a.ipynb', 3, before, before, 'row')).toBe('nb2svc rows a.ipynb --row 3');
    expect(rowsCommand('a.ipynb', 3, before, { ...before, income: null, age: 31 }, 'row')).toBe(
      'nb2svc rows a.ipynb --row 3 --set age=31 --set income=missing --beside row'
    );
    expect(rowsCommand('a.ipynb', 3, before, { ...before, moves: [] }, 'nearest')).toBe(
      "nb2svc rows a.ipynb --row 3 --set 'moves=[]'"
    );
  });
});

describe('steps', () => {
  it('are marked by what they mean', () => {
    expect(markOf(value({ notebook: 1, service: 1, equal: true }))).toBe('equal');
    expect(markOf(value({ notebook: 1, service: 2, equal: false }))).toBe('differs');
    expect(markOf(value({ notebook: 1, service: 2, changed: true }))).toBe('changed');
    expect(markOf(value({ notebook: 1, service: 1 }))).toBe('same');
    expect(markOf(value({ service: 1 }))).toBe('none');
  });

  it('stand below their cells, and the parting is found', () => {
    const traced = {
      steps: [step(1, 2), step(2, 2), step(3, 4), step(4, 2)],
      cells: { '2': 'cell 2 "ages"' },
      parting: { statement: 3, name: 'X', column: 'age' }
    } as unknown as ITraced;
    expect(partsOf(traced).map(part => [part.title, part.steps.length])).toEqual([
      ['cell 2 "ages"', 2],
      ['', 1],
      ['cell 2 "ages"', 1]
    ]);
    expect(partingStep(traced)?.cell).toBe(4);
    expect(partingStep({ ...traced, parting: null })).toBeNull();
  });
});

describe('the row that is looked at first', () => {
  const page = (standings: readonly IListedRow['standing'][], proof: number | null = null) =>
    ({
      rows: standings.map((standing, row) => ({ row, values: {}, standing, notable: [], notebook: null })),
      proof: proof === null ? null : { divergence: null, row: proof }
    }) as unknown as IPage;

  it.each([
    [page(['dropped', 'unused', 'fitted', 'predicted']), 2],
    [page(['dropped', 'predicted'], 0), 0],
    [page(['dropped', 'dropped']), 0],
    [page([]), null]
  ])('%# is one with an answer', (listed, row) => {
    expect(firstLooked(listed)).toBe(row);
  });
});
