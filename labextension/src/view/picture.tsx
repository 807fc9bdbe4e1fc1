/** The gutter of the list of cells: a dot a cell, and lines from the cells that make values to those that read them. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Role } from '../model/directive';
import type { ILink, Standing } from '../model/documents';
import { gutterOf, railPath, type IPicture, type IWires } from '../model/picture';

/** What a dot shows. */
export interface IDot {
  readonly role: Role | null;
  readonly standing: Standing;
  readonly pulled: boolean;
}

interface IPictureProps {
  readonly picture: IPicture;
  readonly dots: readonly IDot[];
  /** The height of each cell's dot, in order; empty before the first measurement. */
  readonly heights: readonly number[];
  /** The cell whose lines stand out, by its number; null where none does. */
  readonly current: number | null;
}

/** Drawn behind the rows, for the eye only: each row tells in words what it reads and feeds. */
export const Picture = React.memo(function Picture({ picture, dots, heights, current }: IPictureProps): React.JSX.Element | null {
  const bottom = heights[heights.length - 1];
  if (bottom === undefined || heights.length !== dots.length) {
    return null;
  }
  const gutter = gutterOf(picture);
  const at = (cell: number) => heights[cell - 1] ?? 0;
  const strong = picture.rails.flatMap(rail => {
    const targets = rail.source === current ? rail.targets : rail.targets.filter(target => target === current);
    return targets.length > 0 ? [{ rail, targets }] : [];
  });
  return (
    <svg className="nb2svc-Picture" width={gutter.width} height={bottom + 12} aria-hidden="true" focusable="false">
      <Rails picture={picture} heights={heights} isFaint={current !== null} />
      {strong.map(({ rail, targets }) => (
        <path key={rail.source} className="nb2svc-Rail nb2svc-mod-strong" d={railPath(rail, targets, gutter, at)} />
      ))}
      {dots.map((dot, index) => (
        <Dot key={index} {...dot} x={gutter.dot} y={at(index + 1)} />
      ))}
    </svg>
  );
});

interface IRailsProps {
  readonly picture: IPicture;
  readonly heights: readonly number[];
  readonly isFaint: boolean;
}

/** All lines as one element: they are drawn once, whichever cell stands out. */
const Rails = React.memo(function Rails({ picture, heights, isFaint }: IRailsProps): React.JSX.Element {
  const gutter = gutterOf(picture);
  const lines = picture.rails.map(rail => railPath(rail, rail.targets, gutter, cell => heights[cell - 1] ?? 0));
  return <path className={`nb2svc-Rail${isFaint ? ' nb2svc-mod-faint' : ''}`} data-rails={lines.length} d={lines.join('')} />;
});

const Dot = React.memo(function Dot({ role, standing, pulled, x, y }: IDot & { readonly x: number; readonly y: number }) {
  const classes = ['nb2svc-Dot', `nb2svc-mod-${role ?? 'none'}`, `nb2svc-mod-${standing}`];
  return (
    <g className={classes.join(' ')} transform={`translate(${x} ${y})`}>
      {shapeOf(role, standing)}
      {pulled && <circle className="nb2svc-Dot-core" r={1.5} />}
    </g>
  );
});

function shapeOf(role: Role | null, standing: Standing): React.JSX.Element {
  switch (role) {
    case 'feature':
      return <circle r={4.5} />;
    case 'model':
      return <path d="M0 -5.5L5.5 0L0 5.5L-5.5 0Z" />;
    case 'check':
      return <path d="M0 -5L5 4H-5Z" />;
    case 'keep':
      return <rect x={-4} y={-4} width={8} height={8} />;
    case 'drop':
      return <path d="M-3.5 -3.5L3.5 3.5M-3.5 3.5L3.5 -3.5" />;
    case null:
      return <circle r={standing === 'out' ? 2.5 : 4} />;
  }
}

/** What a cell is for the service, what it reads and what it feeds, in words. */
export function storyOf(dot: IDot, wires: IWires | undefined, trans: TranslationBundle): string {
  const told = [standingWord(dot, trans)];
  if (wires?.reads.length) {
    told.push(
      trans.__(
        'reads %1',
        some(wires.reads, link => trans.__('%1 from cell %2', names(link), link.source), trans)
      )
    );
  }
  if (wires?.feeds.length) {
    told.push(
      trans.__(
        'feeds %1',
        some(wires.feeds, link => trans.__('%1 to cell %2', names(link), link.target), trans)
      )
    );
  }
  return told.filter(text => text !== '').join('; ');
}

/** What stands at the rows that the current cell is linked with. */
export function wireWords(
  current: number | null,
  wires: IWires | undefined,
  trans: TranslationBundle
): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (current !== null) {
    wires?.reads.forEach(link => found.set(link.source, trans.__('gives %1', names(link))));
    wires?.feeds.forEach(link => found.set(link.target, trans.__('reads %1', names(link))));
  }
  return found;
}

function standingWord({ standing, pulled }: IDot, trans: TranslationBundle): string {
  switch (standing) {
    case 'served':
      return pulled ? trans.__('part of the service, since others need it') : trans.__('part of the service');
    case 'training':
      return trans.__('training only');
    case 'check':
      return trans.__('a check');
    case 'out':
      return trans.__('not in the service');
  }
}

const MOST_NAMES = 3;
const MOST_LINKS = 5;

function names(link: ILink): string {
  const shown = link.names.slice(0, MOST_NAMES).join(', ');
  return link.names.length > MOST_NAMES ? `${shown}, …` : shown;
}

function some(links: readonly ILink[], word: (link: ILink) => string, trans: TranslationBundle): string {
  const shown = links.slice(0, MOST_LINKS).map(word).join(', ');
  const more = links.length - MOST_LINKS;
  return more > 0 ? trans.__('%1 and %2 more', shown, more) : shown;
}
