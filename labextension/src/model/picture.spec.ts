import { describe, expect, it } from 'vitest';

import type { ILink } from './documents';
import { gutterOf, layOut, neighbour, railPath, wiresOf } from './picture';

const link = (source: number, target: number, ...names: string[]): ILink => ({ source, target, names });

describe('the picture', () => {
  it('has one rail for each cell that feeds others', () => {
    const picture = layOut([link(1, 2, 'a'), link(1, 4, 'b'), link(2, 3, 'c')]);
    expect(picture.rails).toEqual([
      { source: 1, targets: [2, 4], lane: 1 },
      { source: 2, targets: [3], lane: 0 }
    ]);
    expect(picture.lanes).toBe(2);
  });

  it('keeps rails of one lane apart, the short ones near the dots', () => {
    const lanes = layOut([link(1, 9), link(2, 3), link(4, 5), link(5, 6)]).rails.map(rail => [rail.source, rail.lane]);
    expect(lanes).toEqual([
      [1, 2],
      [2, 0],
      [4, 0],
      [5, 1]
    ]);
  });

  it('stays narrow where everything feeds everything', () => {
    const links = Array.from({ length: 500 }, (_, source) => link(source + 1, 501));
    const picture = layOut(links);
    expect(picture.lanes).toBe(6);
    expect(picture.rails).toHaveLength(500);
    expect(gutterOf(picture).width).toBeLessThan(60);
  });

  it('draws nothing where nothing is fed', () => {
    expect(layOut([])).toEqual({ rails: [], lanes: 0 });
    expect(railPath({ source: 1, targets: [], lane: 0 }, [], gutterOf(layOut([])), () => 0)).toBe('');
  });

  it('runs from a dot along the lane to each target', () => {
    const gutter = { width: 28, dot: 20, lane: 5 };
    const path = railPath({ source: 1, targets: [2, 3], lane: 1 }, [3], gutter, cell => cell * 10);
    expect(path).toBe('M20 10H10Q7 10 7 13V27M7 27Q7 30 10 30H15');
  });
});

describe('a cell’s wires', () => {
  const wires = wiresOf([link(1, 3, 'a'), link(2, 3, 'b'), link(3, 5, 'c'), link(3, 9, 'c')]);

  it('are what it reads and what it feeds', () => {
    expect(wires.get(3)?.reads.map(each => each.source)).toEqual([1, 2]);
    expect(wires.get(3)?.feeds.map(each => each.target)).toEqual([5, 9]);
    expect(wires.get(4)).toBeUndefined();
  });

  it.each([
    ['ArrowUp', 2],
    ['ArrowDown', 4],
    ['ArrowLeft', 2],
    ['ArrowRight', 5],
    ['Enter', null]
  ])('%s leads to %s', (key, to) => {
    expect(neighbour(key, 3, 9, wires.get(3))).toBe(to);
  });

  it('lead nowhere at the ends', () => {
    expect([neighbour('ArrowUp', 1, 9, undefined), neighbour('ArrowDown', 9, 9, undefined)]).toEqual([null, null]);
    expect([neighbour('ArrowLeft', 1, 9, undefined), neighbour('ArrowRight', 9, 9, undefined)]).toEqual([null, null]);
  });
});
