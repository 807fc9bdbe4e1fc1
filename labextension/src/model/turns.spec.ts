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

it('a question is under way until its answer came, another was asked, or nothing is asked any more', () => {
  const turns = new Turns();
  const first = turns.next('x = 1');
  expect(turns.isUnderWay('x = 1')).toBe(true);
  const second = turns.next('x = 2');
  expect(turns.isUnderWay('x = 1')).toBe(false);
  expect(turns.isNews(first)).toBe(true);
  expect(turns.isUnderWay('x = 2')).toBe(true);
  expect(turns.isNews(second)).toBe(true);
  expect(turns.isUnderWay('x = 2')).toBe(false);
  turns.next('x = 3');
  turns.settle();
  expect(turns.isUnderWay('x = 3')).toBe(false);
});

it('the last question is the one that no other was asked after', () => {
  const turns = new Turns();
  const first = turns.next();
  expect(turns.isLast(first)).toBe(true);
  const second = turns.next();
  expect([turns.isLast(first), turns.isLast(second)]).toEqual([false, true]);
});
