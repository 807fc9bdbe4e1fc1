import { expect, it } from 'vitest';

import { aloud, partsOf } from './prose';

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
