/** Fixes made in a JupyterLab notebook: each in one step that can be undone. */

import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { ICell, IFix } from '../model/documents';
import { changesOf, retagged, settled, type IChange } from '../model/fixes';
import { setOrDelete, taggable } from './cells';

/**
 * Make fixes, none of which meet. `cells` are those that were analysed, by number.
 *
 * With `inCell` a fix of one cell's source alone is a step of that cell, which its own editor undoes; else of the notebook.
 */
export function makeFixes(notebook: INotebookModel, cells: readonly ICell[], fixes: readonly IFix[], inCell: boolean): void {
  const models = new Map([...notebook.cells].map(cell => [cell.id, cell]));
  const changed = new Map<ICellModel, IChange[]>();
  for (const [number, edits] of editsByCell(fixes)) {
    const model = models.get(cells[number - 1]?.id ?? '');
    const changes = model ? changesOf(model.sharedModel.getSource(), edits) : null;
    if (!model || !changes) {
      return;
    }
    changed.set(model, changes);
  }
  const retags = fixes.flatMap(fix => fix.metadata);
  const make = () => {
    for (const [model, changes] of changed) {
      for (const { from, to, text } of changes) {
        model.sharedModel.updateSource(from, to, text);
      }
    }
    for (const retag of retags) {
      const model = models.get(retag.cell);
      if (model) {
        const { tags, settings } = taggable(model);
        const after = retagged(tags, retag);
        setOrDelete(model, 'tags', after.length > 0 ? after : undefined);
        setOrDelete(model, 'nb2svc', settled(settings, retag));
      }
    }
  };
  const [only, ...others] = changed.keys();
  if (inCell && only && others.length + retags.length === 0) {
    only.sharedModel.transact(make, true);
  } else {
    notebook.sharedModel.transact(make, true);
  }
}

function editsByCell(fixes: readonly IFix[]): Map<number, IFix['edits'][number][]> {
  const grouped = new Map<number, IFix['edits'][number][]>();
  for (const edit of fixes.flatMap(fix => fix.edits)) {
    grouped.set(edit.cell, [...(grouped.get(edit.cell) ?? []), edit]);
  }
  return grouped;
}
