/** A JupyterLab cell as the model sees it, and the model's wishes as changes of a JupyterLab notebook. */

import { isCodeCellModel, type ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import { withRole, type ITaggable, type Role } from '../model/directive';
import { withOption } from '../model/options';

/** What of a cell can hold a directive. */
export function taggable(cell: ICellModel): ITaggable {
  const tags: unknown = cell.getMetadata('tags');
  return {
    source: cell.sharedModel.getSource(),
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [],
    settings: cell.getMetadata('nb2svc')
  };
}

/** A wish: the role that a cell is to have, or none, and its name where that is to change, too. */
export interface IWish {
  readonly cell: ICellModel;
  readonly role: Role | null;
  readonly name?: string | undefined;
}

/** Give cells their roles: one step of the notebook's undo. */
export function setRoles(notebook: INotebookModel, wishes: readonly IWish[]): void {
  notebook.sharedModel.transact(() => {
    for (const { cell, role, name } of wishes) {
      const before = taggable(cell);
      const after = withRole(before, role, name);
      if (after.source !== before.source) {
        cell.sharedModel.setSource(after.source);
      }
      setOrDelete(cell, 'tags', after.tags.length > 0 ? [...after.tags] : undefined);
      setOrDelete(cell, 'nb2svc', after.settings);
    }
  }, true);
}

/** Give an option of a cell's tag another value, or (null) leave it to inference: one step of the notebook's undo. */
export function setOption(notebook: INotebookModel, cell: ICellModel, key: string, value: string | null): void {
  const before = taggable(cell);
  const after = withOption(before, key, value);
  notebook.sharedModel.transact(() => {
    if (after.source !== before.source) {
      cell.sharedModel.setSource(after.source);
    }
    setOrDelete(cell, 'nb2svc', after.settings);
  }, true);
}

/** The notebook as the compiler needs it: no outputs, and of the metadata what it reads. */
export function contentOf(notebook: INotebookModel): object {
  const cells = [];
  for (let index = 0; index < notebook.cells.length; index += 1) {
    const cell = notebook.cells.get(index);
    const { tags, settings } = taggable(cell);
    const metadata = { ...(tags.length > 0 ? { tags } : {}), ...(settings === undefined ? {} : { nb2svc: settings }) };
    const common = { cell_type: cell.type, id: cell.id, metadata, source: cell.sharedModel.getSource() };
    cells.push(cell.type === 'code' ? { ...common, execution_count: countOf(cell), outputs: [] } : common);
  }
  const { kernelspec, language_info } = notebook.metadata;
  return { cells, metadata: { kernelspec, language_info }, nbformat: 4, nbformat_minor: 5 };
}

/** How a code cell was numbered when it ran; not from its JSON, which copies its outputs. */
export function countOf(cell: ICellModel): number | null {
  return isCodeCellModel(cell) ? cell.executionCount : null;
}

/** A key of a cell's metadata gets a value, or goes. */
export function setOrDelete(cell: ICellModel, key: string, value: unknown): void {
  if (value === undefined) {
    cell.deleteMetadata(key);
  } else if (JSON.stringify(cell.getMetadata(key)) !== JSON.stringify(value)) {
    cell.setMetadata(key, value);
  }
}
