import { expect, it } from 'vitest';

import { goesThrough } from './travel';

const PLAIN = { altKey: false, ctrlKey: false, metaKey: false };

it.each([
  ['ArrowDown', true, false],
  ['End', true, false],
  ['m', true, true],
  [' ', false, false],
  ['Enter', false, false],
  ['F4', false, false]
])('%s goes through a closed list: %s, on a Mac: %s', (key, elsewhere, mac) => {
  expect(goesThrough({ ...PLAIN, key }, false)).toBe(elsewhere);
  expect(goesThrough({ ...PLAIN, key }, true)).toBe(mac);
});

it('with Alt an arrow opens the list', () => {
  expect(goesThrough({ ...PLAIN, altKey: true, key: 'ArrowDown' }, false)).toBe(false);
});
