import { describe, expect, it } from 'vitest';

import type { IChecklistItem, IProjectReadiness, ItemStatus } from './documents';
import { countsOf, filtered, piecesOf, placeOf, standingOf, stopsOf } from './readiness';

function item(status: ItemStatus, more: Partial<IChecklistItem> = {}): IChecklistItem {
  const plain = {
    id: 'DAT-01',
    step: 2,
    title: '',
    severity: 'blocker',
    sentence: '',
    next_action: '',
    why: '',
    maps: ''
  } as const;
  return { ...plain, evidence: null, status, ...more };
}

describe('a step', () => {
  it('is good only when all of it was looked at', () => {
    expect(standingOf([item('pass'), item('attested'), item('not_applicable')])).toBe('good');
    expect(standingOf([item('pass'), item('not_evaluated')])).toBe('open');
    expect(standingOf([item('pass'), item('warn')])).toBe('open');
    expect(standingOf([item('not_evaluated'), item('stale')])).toBe('bad');
  });

  it('counts each status that occurs, the worst first', () => {
    const counted = countsOf([item('not_evaluated'), item('pass'), item('not_evaluated'), item('fail')]);
    expect(counted.map(each => `${each.count} ${each.status}`)).toEqual(['1 fail', '1 pass', '2 not_evaluated']);
  });
});

describe('a filter', () => {
  const items = [item('pass'), item('fail', { next_action: 'mend it' }), item('not_evaluated', { next_action: 'look' })];

  it('lets through what was asked for', () => {
    expect(filtered(items, 'all')).toHaveLength(3);
    expect(filtered(items, 'todo').map(each => each.status)).toEqual(['fail', 'not_evaluated']);
    expect(filtered(items, 'pass').map(each => each.status)).toEqual(['pass']);
  });
});

it('only a red blocker stops a build', () => {
  const items = [item('fail', { severity: 'warning' }), item('stale'), item('not_evaluated')];
  expect(stopsOf([{ number: 2, name: '', items }]).map(each => each.status)).toEqual(['stale']);
});

describe('a sentence', () => {
  it('leads to its cells while their ids are known', () => {
    expect(piecesOf('see cell 3, line 2, and cell 12', { '3': 'risk' })).toEqual([
      { text: 'see ' },
      { text: 'cell 3, line 2', cell: 'risk', line: 2 },
      { text: ', and cell 12' }
    ]);
    expect(piecesOf('cell 1', { '1': 'load' })).toEqual([{ text: 'cell 1', cell: 'load' }]);
    expect(piecesOf('cell 3, lines 2-5: x', {})).toEqual([{ text: 'cell 3, lines 2-5: x' }]);
    expect(piecesOf('', {})).toEqual([]);
  });
});

it('a project lies below the folder of its notebook', () => {
  const project = { project: 'services/loans' } as IProjectReadiness;
  expect(placeOf('a b/loans.ipynb', project)).toBe('a b/services/loans');
  expect(placeOf('loans.ipynb', project)).toBe('services/loans');
});
