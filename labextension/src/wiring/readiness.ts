/** The checklists of the projects that were built from a notebook: asked when they are looked at, and again when it is saved. */

import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IProblem, IProjectReadiness } from '../model/documents';
import { pathOnServer } from '../model/drives';
import { Turns } from '../model/turns';
import type { Api } from './api';
import { taggable } from './cells';

export class NotebookReadiness implements IDisposable {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly api: Api
  ) {
    panel.context.saveState.connect(this.onSave, this);
    panel.context.ready.then(this.keep, () => undefined);
    panel.disposed.connect(this.dispose, this);
  }

  /** Emitted when there is another answer. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The newest first; null before the first answer. */
  get projects(): readonly IProjectReadiness[] | null {
    return this._projects;
  }

  /** Projects whose checklist can't be read. */
  get damaged(): readonly { readonly project: string; readonly error: IProblem }[] {
    return this._damaged;
  }

  /** Why there is no answer, in words; "" where there is one. */
  get trouble(): string {
    return this._trouble;
  }

  get isBusy(): boolean {
    return this._isBusy;
  }

  /** Whether the screen has code that the file has not: the checklist is about the file. */
  get isUnsaved(): boolean {
    return this.panel.context.model.dirty && this.saved !== codeOf(this.panel.model);
  }

  get path(): string {
    return pathOnServer(this.panel.context.path);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The address of a file of evidence. */
  evidence(file: string): string {
    return this.api.evidence(this.path, file);
  }

  /** Ask, if nobody has asked yet. */
  async want(): Promise<void> {
    if (!this.wanted) {
      await this.refresh();
    }
  }

  /** Ask again. */
  async refresh(): Promise<void> {
    this.wanted = true;
    await this.panel.context.ready;
    const turn = this.turns.next();
    this._isBusy = true;
    this._changed.emit();
    try {
      const answer = await this.api.ready(this.path);
      if (this._isDisposed || !this.turns.isNews(turn)) {
        return;
      }
      this._projects = answer.projects ?? [];
      this._damaged = answer.damaged ?? [];
      this._trouble = answer.error ? [answer.error.what, answer.error.fix].filter(Boolean).join('. ') : '';
    } catch (reason) {
      if (this._isDisposed || !this.turns.isNews(turn)) {
        return;
      }
      this._trouble = reason instanceof Error ? reason.message : String(reason);
    }
    this._isBusy = false;
    this._changed.emit();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private onSave(_: unknown, state: string): void {
    if (state !== 'completed') {
      return;
    }
    this.keep();
    if (this.wanted) {
      void this.refresh();
    }
  }

  private readonly keep = (): void => {
    this.saved = codeOf(this.panel.model);
  };

  private readonly turns = new Turns();
  private readonly _changed = new Signal<this, void>(this);
  private _projects: readonly IProjectReadiness[] | null = null;
  private _damaged: readonly { readonly project: string; readonly error: IProblem }[] = [];
  private _trouble = '';
  private _isBusy = false;
  private _isDisposed = false;
  private wanted = false;
  private saved = '';
}

/** What of a notebook its service comes of: a kernel that starts, or a cell that runs, changes none of it. */
function codeOf(notebook: INotebookModel | null): string {
  const cells = notebook ? Array.from(notebook.cells) : [];
  return JSON.stringify(cells.map(cell => ({ id: cell.id, type: cell.type, ...taggable(cell) })));
}
