/** Which line of a generated module is which line of the notebook, both ways. */

import type { IModule } from './documents';

/** A line of a code cell, both from 1. */
export interface IPlace {
  readonly cell: number;
  readonly line: number;
}

/** The notebook's lines that a module's lines are, by the module's; those that are not the author's have none. */
export function originsOf(module: IModule): ReadonlyMap<number, IPlace> {
  // Of several the first.
  const found = [...module.lines].reverse();
  return new Map(found.map(each => [each.line, { cell: each.cell, line: each.cell_line }]));
}

/** The lines of a module that a notebook's line became, in order. */
export function counterparts(module: IModule, place: IPlace): number[] {
  return module.lines
    .filter(each => each.cell === place.cell && each.cell_line === place.line)
    .map(each => each.line)
    .sort((one, other) => one - other);
}

/** The module that shows a place: the one that is open where it does, else the first that does, else the open one. */
export function moduleFor(modules: readonly IModule[], open: string, place: IPlace): string {
  const showing = modules.filter(module => counterparts(module, place).length > 0).map(module => module.name);
  return showing.includes(open) ? open : (showing[0] ?? open);
}

/** Whether a draft could not tell how a module's line will be. */
export function isMarked(module: IModule, line: number): boolean {
  return module.marks.some(mark => mark.line === line || (mark.first <= line && line <= mark.last));
}
