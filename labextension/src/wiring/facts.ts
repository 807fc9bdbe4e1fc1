/** What the cells of a notebook say of themselves, read once for each change: a long notebook is listed again and again. */

import type { ICellModel } from '@jupyterlab/cells';

import { directiveOf, isContradictory, type IDirective } from '../model/directive';
import { telling } from '../model/summary';
import { countOf, taggable } from './cells';

/** What the list shows of a cell. */
export interface IFacts {
  readonly line: string;
  readonly directive: IDirective | null;
  readonly contradictory: boolean;
}

interface IKnown {
  readonly facts: IFacts;
  readonly source: string;
  readonly count: number | null;
}

export class Facts {
  of(cell: ICellModel): IFacts {
    return (this.known.get(cell) ?? this.read(cell)).facts;
  }

  /** Whether a cell has other code or another number than when it was read; what it put out counts for nothing. */
  isOutdated(cell: ICellModel): boolean {
    const known = this.known.get(cell);
    return known?.source !== cell.sharedModel.getSource() || known.count !== countOf(cell);
  }

  /** Read a cell again; whether the list shows something else of it then. */
  renew(cell: ICellModel): boolean {
    const before = this.known.get(cell)?.facts;
    return JSON.stringify(before) !== JSON.stringify(this.read(cell).facts);
  }

  private read(cell: ICellModel): IKnown {
    const texts = taggable(cell);
    const known = {
      source: texts.source,
      count: countOf(cell),
      facts: { line: telling(texts.source), directive: directiveOf(texts), contradictory: isContradictory(texts) }
    };
    this.known.set(cell, known);
    return known;
  }

  private readonly known = new WeakMap<ICellModel, IKnown>();
}
