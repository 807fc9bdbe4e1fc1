import { expect, it } from 'vitest';

import { OpenSections, type IKeeper } from './sections';

function keeper(kept: unknown): IKeeper & { saved: unknown[] } {
  const saved: unknown[] = [];
  return { saved, fetch: () => Promise.resolve(kept), save: open => saved.push(open) };
}

it('stands as it does at first where nobody said otherwise', () => {
  const sections = new OpenSections();
  expect([sections.isOpen('cells', true), sections.isOpen('build', false)]).toEqual([true, false]);
});

it('remembers what was opened and closed, and tells it', async () => {
  const place = keeper({ cells: false, build: 'yes' });
  const sections = new OpenSections(place);
  let told = 0;
  const end = sections.subscribe(() => (told += 1));
  await Promise.resolve();
  expect([sections.isOpen('cells', true), sections.isOpen('build', false), told]).toEqual([false, false, 1]);
  sections.set('cells', true);
  sections.set('cells', true);
  expect([place.saved, told]).toEqual([[{ cells: true }], 2]);
  end();
  sections.set('cells', false);
  expect(told).toBe(2);
});

it('does not undo by a late memory what was done by hand', async () => {
  const sections = new OpenSections(keeper({ cells: false, findings: false }));
  sections.set('cells', true);
  await Promise.resolve();
  expect([sections.isOpen('cells', false), sections.isOpen('findings', true)]).toEqual([true, false]);
});

it('works without what it was', async () => {
  const sections = new OpenSections({ fetch: () => Promise.reject(new Error('no')), save: () => undefined });
  await new Promise(later => setTimeout(later));
  expect(sections.isOpen('cells', true)).toBe(true);
});
