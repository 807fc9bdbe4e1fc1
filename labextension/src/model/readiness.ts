/** What a checklist means: which items are asked for, what a step is worth, and where its sentences lead. */

import type { IChecklistItem, IChecklistStep, IProjectReadiness, ItemStatus } from './documents';

/** In the order in which a reader has to know of them. */
export const STATUSES: readonly ItemStatus[] = [
  'fail',
  'broken',
  'stale',
  'expired',
  'warn',
  'pass',
  'attested',
  'waived',
  'not_applicable',
  'not_evaluated'
];

const RED: ReadonlySet<ItemStatus> = new Set<ItemStatus>(['fail', 'broken', 'stale', 'expired']);

/** Which items are listed: all, those with something to do, or those of one status. */
export type Filter = 'all' | 'todo' | ItemStatus;

export type Standing = 'bad' | 'open' | 'good';

/** How many items have each status that occurs. */
export function countsOf(items: readonly IChecklistItem[]): { readonly status: ItemStatus; readonly count: number }[] {
  return STATUSES.map(status => ({ status, count: items.filter(item => item.status === status).length })).filter(
    each => each.count > 0
  );
}

/** What a step is worth as a whole: never good while something in it was not looked at. */
export function standingOf(items: readonly IChecklistItem[]): Standing {
  if (items.some(item => RED.has(item.status))) {
    return 'bad';
  }
  return items.some(item => item.status === 'not_evaluated' || item.status === 'warn') ? 'open' : 'good';
}

/** The blockers that are red: what stops a build. */
export function stopsOf(steps: readonly IChecklistStep[]): readonly IChecklistItem[] {
  return allOf(steps).filter(item => item.severity === 'blocker' && RED.has(item.status));
}

/** The items of all steps. */
export function allOf(steps: readonly IChecklistStep[]): readonly IChecklistItem[] {
  return steps.flatMap(step => step.items);
}

/** The items that a filter lets through. */
export function filtered(items: readonly IChecklistItem[], filter: Filter): readonly IChecklistItem[] {
  if (filter === 'all') {
    return items;
  }
  return items.filter(item => (filter === 'todo' ? item.next_action !== '' : item.status === filter));
}

/** Whether nobody looked at an item: then its sentence says what that would take. */
export function isOpen(item: IChecklistItem): boolean {
  return item.sentence.startsWith('Not evaluated.');
}

/** A piece of a sentence; with `cell` it leads there. */
export interface IPiece {
  readonly text: string;
  readonly cell?: string;
  readonly line?: number;
}

// As `linked` of the page of the checklist reads it.
const CELL = /\bcell (\d+)(?:, lines? (\d+)(?:-\d+)?)?/g;

/** A sentence in pieces: `cell 3, line 2` is one that leads to the cell, while the notebook is as it was built. */
export function piecesOf(text: string, cells: Readonly<Record<string, string>>): IPiece[] {
  const pieces: IPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(CELL)) {
    const id = match[1] === undefined ? undefined : cells[match[1]];
    if (id !== undefined) {
      if (match.index > end) {
        pieces.push({ text: text.slice(end, match.index) });
      }
      const line = match[2] === undefined ? {} : { line: Number(match[2]) };
      pieces.push({ text: match[0], cell: id, ...line });
      end = match.index + match[0].length;
    }
  }
  return end < text.length ? [...pieces, { text: text.slice(end) }] : pieces;
}

/** A project's folder, as the server's root is seen from a terminal in it: a notebook's folder, and the project below. */
export function placeOf(notebook: string, project: IProjectReadiness): string {
  const folder = notebook.split('/').slice(0, -1);
  return [...folder, project.project].join('/');
}
