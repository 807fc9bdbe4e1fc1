import { expect, it } from 'vitest';

import { Turns } from './turns';

it('an answer that a later one overtook does not count', () => {
  const turns = new Turns();
  const [first, second, third] = [turns.next(), turns.next(), turns.next()];
  expect(turns.isNews(second)).toBe(true);
  expect(turns.isNews(first)).toBe(false);
  expect(turns.isNews(third)).toBe(true);
});

it('an answer that comes when nothing is asked any more does not count', () => {
  const turns = new Turns();
  const abandoned = turns.next();
  turns.settle();
  expect(turns.isNews(abandoned)).toBe(false);
  expect(turns.isNews(turns.next())).toBe(true);
});
