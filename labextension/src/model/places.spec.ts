import { describe, expect, it } from 'vitest';

import { idThen, numbered } from './places';

describe('a cell that something was said of', () => {
  const now = (number: number) => ['new', 'load', 'train'][number - 1];

  it('is the one that had the number then, wherever it stands now', () => {
    expect(idThen(numbered(['load', 'train']), 1, now)).toBe('load');
  });

  it('is none where none had that number', () => {
    expect(idThen(numbered(['load', 'train']), 3, now)).toBeUndefined();
  });

  it('is the one of the number now where no ids were told', () => {
    expect([idThen({}, 3, now), idThen(undefined, 1, now)]).toEqual(['train', 'new']);
  });
});
