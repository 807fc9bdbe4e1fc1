import { expect, it } from 'vitest';

import { aloud, partsOf, problemText } from './prose';

it('what stands between backticks is code', () => {
  expect(partsOf('`x` reads the clock: write `x = 1`')).toEqual([
    { text: 'x', isCode: true },
    { text: ' reads the clock: write ', isCode: false },
    { text: 'x = 1', isCode: true }
  ]);
  expect(aloud('Write the tag as `nb2svc:model`')).toBe('Write the tag as nb2svc:model');
});

it('a single backtick is none of ours', () => {
  expect(partsOf('a ` b')).toEqual([{ text: 'a ` b', isCode: false }]);
  expect(partsOf('')).toEqual([]);
});

it('a problem is told in sentences', () => {
  expect(problemText({ what: 'x is 1', why: '', fix: 'write x=2.' })).toBe('X is 1. Write x=2');
  expect(problemText({ what: '-p x: no.', why: 'it is y', fix: '' })).toBe('-p x: no. It is y');
});
