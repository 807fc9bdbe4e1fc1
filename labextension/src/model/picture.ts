/**
 * The dataflow as lines beside a list of cells: each cell that feeds others has one rail, which runs down to the last of them.
 *
 * Pure: rows are counted, not measured; what is drawn asks for the height of a row's dot when it draws.
 */

import type { ILink } from './documents';

/** A cell that feeds others: `lane` counts from the dots outwards. */
export interface IRail {
  readonly source: number;
  readonly targets: readonly number[];
  readonly lane: number;
}

export interface IPicture {
  readonly rails: readonly IRail[];
  /** How many lanes there are: what the gutter is wide. */
  readonly lanes: number;
}

// More would take the room of what stands beside them; rails that find no free lane share the last.
const MOST_LANES = 6;

/** A rail for each cell that feeds another; short ones lie near the dots, and no two in one lane touch while there are free ones. */
export function layOut(links: readonly ILink[], most = MOST_LANES): IPicture {
  const targets = new Map<number, number[]>();
  for (const { source, target } of links) {
    targets.set(source, [...(targets.get(source) ?? []), target]);
  }
  const spans = [...targets].map(([source, all]) => ({ source, targets: [...all].sort((a, b) => a - b) }));
  const length = (each: { source: number; targets: number[] }) =>
    (each.targets[each.targets.length - 1] ?? each.source) - each.source;
  spans.sort((a, b) => length(a) - length(b) || a.source - b.source);
  const lanes: { first: number; last: number }[][] = [];
  const rails = spans.map(each => {
    const [first, last] = [each.source, each.source + length(each)];
    let lane = lanes.findIndex(taken => taken.every(other => last < other.first || other.last < first));
    if (lane < 0) {
      lane = Math.min(lanes.length, most - 1);
    }
    (lanes[lane] ??= []).push({ first, last });
    return { ...each, lane };
  });
  rails.sort((a, b) => a.source - b.source);
  return { rails, lanes: lanes.length };
}

/** Where things lie across the gutter, in pixels from its left edge. */
export interface IGutter {
  readonly width: number;
  readonly dot: number;
  readonly lane: number;
}

/** The gutter of a picture: the dots at its right edge, the lanes left of them. */
export function gutterOf(picture: IPicture): IGutter {
  const lane = 5;
  const width = 18 + picture.lanes * lane;
  return { width, dot: width - 8, lane };
}

/** An SVG path from the source's dot along its lane to these targets; `at` is the height of a cell's dot. */
export function railPath(rail: IRail, targets: readonly number[], gutter: IGutter, at: (cell: number) => number): string {
  const last = targets[targets.length - 1];
  if (last === undefined) {
    return '';
  }
  const x = gutter.dot - 8 - rail.lane * gutter.lane;
  const turn = 3;
  const stem = `M${gutter.dot} ${at(rail.source)}H${x + turn}Q${x} ${at(rail.source)} ${x} ${at(rail.source) + turn}V${at(last) - turn}`;
  const ends = targets.map(target => `M${x} ${at(target) - turn}Q${x} ${at(target)} ${x + turn} ${at(target)}H${gutter.dot - 5}`);
  return [stem, ...ends].join('');
}

/** What one cell reads of others and gives to others. */
export interface IWires {
  readonly reads: readonly ILink[];
  readonly feeds: readonly ILink[];
}

/** The wires of each cell that has some. */
export function wiresOf(links: readonly ILink[]): ReadonlyMap<number, IWires> {
  const found = new Map<number, { reads: ILink[]; feeds: ILink[] }>();
  const of = (cell: number) => {
    const wires = found.get(cell) ?? { reads: [], feeds: [] };
    found.set(cell, wires);
    return wires;
  };
  for (const link of links) {
    of(link.source).feeds.push(link);
    of(link.target).reads.push(link);
  }
  return found;
}

/** The cell to which a key leads: up and down the list, left to the nearest that feeds this one, right to the first that it feeds. */
export function neighbour(key: string, cell: number, count: number, wires: IWires | undefined): number | null {
  switch (key) {
    case 'ArrowUp':
      return cell > 1 ? cell - 1 : null;
    case 'ArrowDown':
      return cell < count ? cell + 1 : null;
    case 'ArrowLeft':
      return wires?.reads.length ? Math.max(...wires.reads.map(link => link.source)) : null;
    case 'ArrowRight':
      return wires?.feeds.length ? Math.min(...wires.feeds.map(link => link.target)) : null;
    default:
      return null;
  }
}
