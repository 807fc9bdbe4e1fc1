import { expect, it } from 'vitest';

import { counterparts, isMarked, moduleFor, originsOf } from './counterparts';
import type { IModule } from './documents';

const features: IModule = {
  name: 'features',
  path: 'loans/features.py',
  text: 'a\nb\nc',
  lines: [
    { line: 3, cell: 2, cell_line: 1 },
    { line: 2, cell: 2, cell_line: 1 },
    { line: 4, cell: 2, cell_line: 2 }
  ],
  marks: [{ text: 'whether this is state', line: 1, first: 2, last: 3 }]
};
const model: IModule = { ...features, name: 'model', lines: [{ line: 5, cell: 3, cell_line: 1 }], marks: [] };

it('a line of a module leads to the notebook, unless it is ours', () => {
  const origins = originsOf({ ...features, lines: [...features.lines, { line: 4, cell: 9, cell_line: 9 }] });
  expect([origins.get(4), origins.get(1)]).toEqual([{ cell: 2, line: 2 }, undefined]);
});

it('a line of the notebook may have become several', () => {
  expect(counterparts(features, { cell: 2, line: 1 })).toEqual([2, 3]);
  expect(counterparts(model, { cell: 2, line: 1 })).toEqual([]);
});

it('the module that is open stays where it can', () => {
  const both = [features, { ...model, lines: [...model.lines, { line: 6, cell: 2, cell_line: 1 }] }];
  expect(moduleFor(both, 'model', { cell: 2, line: 1 })).toBe('model');
  expect(moduleFor(both, 'model', { cell: 2, line: 2 })).toBe('features');
  expect(moduleFor(both, 'model', { cell: 9, line: 1 })).toBe('model');
});

it('what only a run can tell is marked', () => {
  expect([1, 2, 3, 4].map(line => isMarked(features, line))).toEqual([true, true, true, false]);
});
