/** Where the cursor stands in a notebook: in which cell, at which line of it. */

import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';

/** A cell's id, and a line of it from 1. */
export interface ICursor {
  readonly id: string;
  readonly line: number;
}

export class Cursor {
  constructor(private readonly notebook: Notebook) {
    notebook.activeCellChanged.connect(this.onActiveCell, this);
  }

  /** Emitted when the cursor comes to another place, or another cell becomes the active one. */
  get moved(): ISignal<this, ICursor> {
    return this._moved;
  }

  private onActiveCell(): void {
    const cell = this.notebook.activeCell;
    this.follow(cell?.editor ?? null);
    if (cell && !cell.editor) {
      // A cell out of sight has no editor until it is drawn.
      void cell.ready.then(() => {
        if (!this.notebook.isDisposed && this.notebook.activeCell === cell) {
          this.follow(cell.editor);
        }
      });
    }
  }

  private follow(editor: Cell['editor']): void {
    this.editor?.model.selections.changed.disconnect(this.onCursor, this);
    this.editor = editor;
    editor?.model.selections.changed.connect(this.onCursor, this);
    this.onCursor();
  }

  private onCursor(): void {
    const id = this.notebook.activeCell?.model.id;
    const position = this.editor?.getCursorPosition();
    if (id !== undefined && position) {
      this._moved.emit({ id, line: position.line + 1 });
    }
  }

  private readonly _moved = new Signal<this, ICursor>(this);
  private editor: Cell['editor'] = null;
}
