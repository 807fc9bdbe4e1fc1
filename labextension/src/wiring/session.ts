/** One open notebook: its cells, what the compiler says of them, and whether that is still what is on the screen. */

import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { MessageLoop } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Role } from '../model/directive';
import type { IPlace } from '../model/counterparts';
import type { IAnalysis, IFinding, IFix, IPage, IShown, ISpan, ISuggestion } from '../model/documents';
import { pathOnServer } from '../model/drives';
import { fits } from '../model/fixes';
import type { IDivergence, IJob } from '../model/jobs';
import { optionOf, type IGiven } from '../model/options';
import { findingsByCell, stateOf, type CellState } from '../model/summary';
import { Turns } from '../model/turns';
import { isSuperseded, type Api, type IAsked } from './api';
import { contentOf, setOption, setRoles, taggable } from './cells';
import { Cursor, type ICursor } from './cursor';
import { Facts, type IFacts } from './facts';
import { makeFixes } from './fixing';
import { LineMark } from './linemark';
import { NotebookReadiness } from './readiness';
import { isTyping } from './typing';

// The pause after which what was typed is analysed.
const PAUSE = 120;
// The pause after which a server that was not there is asked again.
const RETRY = 3000;

/** A code cell, `number` of all code cells, from 1. */
export interface ICellItem extends IFacts {
  readonly index: number;
  readonly number: number;
  readonly id: string;
  readonly state: CellState;
  readonly findings: readonly IFinding[];
}

export class NotebookSession implements IDisposable {
  /** The checklists of what was built from the notebook. */
  readonly readiness: NotebookReadiness;

  constructor(
    readonly panel: NotebookPanel,
    private readonly api: Api
  ) {
    this.readiness = new NotebookReadiness(panel, api);
    this._built.connect(() => void this.readiness.refresh());
    panel.content.modelChanged.connect(this.onModel, this);
    new Cursor(panel.content).moved.connect(this.onCursor, this);
    panel.disposed.connect(this.dispose, this);
    MessageLoop.installMessageHook(panel, (_, message) => {
      if (message.type === 'after-show' || message.type === 'after-attach') {
        this.catchUp();
      }
      return true;
    });
    this.onModel();
  }

  /** Emitted when cells, roles or the analysis changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a build of this notebook has ended, well or not; its document says how. */
  get built(): ISignal<this, IJob> {
    return this._built;
  }

  /** Emitted when a proof failed, with the first statement and column that differ; the panel shows them already. */
  get diverged(): ISignal<this, IDivergence> {
    return this._diverged;
  }

  /** Emitted when the cursor comes to another line of a code cell. */
  get cursorMoved(): ISignal<this, IPlace> {
    return this._cursorMoved;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The notebook's path as the server knows it. */
  get path(): string {
    return pathOnServer(this.panel.context.path);
  }

  /** Whether the panel shows this notebook, which may stand behind another tab; one that nobody sees is not analysed. */
  set isFollowed(isFollowed: boolean) {
    this._isFollowed = isFollowed;
    this.catchUp();
  }

  /** The last analysis; null before the first. */
  get analysis(): IAnalysis | null {
    return this._analysis;
  }

  /** Whether what is on the screen was changed since the analysis. */
  get isStale(): boolean {
    return this.asked !== this.answered;
  }

  /** Why there is no analysis, in words; "" where there is one. */
  get trouble(): string {
    return this._trouble;
  }

  /** Whether no cell can get a role here. */
  get isReadOnly(): boolean {
    return this.panel.model?.readOnly !== false;
  }

  /** The code cells in order. */
  get items(): ICellItem[] {
    const numbers = new Map(this._analysis?.notebook?.cells.map(cell => [cell.id, cell.number]));
    const codeCells = this.panel.content.widgets.flatMap((cell, index) => (cell.model.type === 'code' ? [{ cell, index }] : []));
    return codeCells.map(({ cell, index }, position) => this.item(cell, index, position + 1, numbers.get(cell.model.id)));
  }

  /** Give cells roles by their ids, or none: together, so that one undo takes all of them back. */
  setRoles(wishes: readonly { readonly id: string; readonly role: Role | null; readonly name?: string | undefined }[]): void {
    const notebook = this.panel.model;
    if (notebook && !this.isReadOnly) {
      const cells = wishes.map(({ id, role, name }) => ({ cell: this.widget(id)?.model, role, name }));
      setRoles(
        notebook,
        cells.flatMap(({ cell, ...wish }) => (cell ? [{ cell, ...wish }] : []))
      );
    }
  }

  /** Overrule an inference by an option of a cell's tag, or (null) leave it to inference again. */
  setOption(id: string, key: string, value: string | null): void {
    const notebook = this.panel.model;
    const cell = this.widget(id)?.model;
    if (notebook && cell && !this.isReadOnly) {
      setOption(notebook, cell, key, value);
    }
  }

  /** What an option of a cell's tag says on the screen; null where it is left to inference. */
  optionOf(id: string, key: string): IGiven | null {
    const cell = this.widget(id)?.model;
    return cell ? optionOf(taggable(cell), key) : null;
  }

  /** Mark lines of a cell in the notebook for as long as they are looked at elsewhere; null marks none. */
  mark(span: ISpan | null): void {
    const id = span ? this.idOf(span.cell) : undefined;
    const editor = id === undefined ? null : (this.widget(id)?.editor ?? null);
    this.lineMark.show(editor, span);
  }

  /** The id of the cell that the notebook has made active. */
  get activeId(): string | null {
    return this.panel.content.activeCell?.model.id ?? null;
  }

  /**
   * Make fixes of the last analysis where the cells are still what it saw; how many were left because theirs are not.
   *
   * `inCell` makes it a step that the cell's editor undoes.
   */
  fix(fixes: readonly IFix[], inCell = false): number {
    const { _analysis: analysis } = this;
    const notebook = this.panel.model;
    if (!notebook || !analysis?.notebook || this.isReadOnly) {
      return fixes.length;
    }
    const cellOf = (id: string) => {
      const cell = this.widget(id)?.model;
      return cell && taggable(cell);
    };
    const made = fixes.filter(fix => fits(fix, analysis, cellOf));
    makeFixes(notebook, analysis.notebook.cells, made, inCell);
    return fixes.length - made.length;
  }

  /** Ask what a finding means. */
  async explain(code: string): Promise<IPage> {
    return this.api.explain(code);
  }

  /** Ask which cells to tag. */
  async suggest(): Promise<ISuggestion> {
    return this.api.suggest(this.asks());
  }

  /** Ask what the notebook becomes. */
  async show(): Promise<IShown> {
    return this.api.show(this.asks());
  }

  /** A build has ended: what it left is asked for anew, and its first failing line is shown; `idOf` knows the cells as it built them. */
  tellBuilt(job: IJob, idOf: (cell: number) => string | undefined): void {
    this.answered = '';
    this.turns.settle();
    this.touch();
    this._built.emit(job);
    const { document } = job;
    const divergence = document?.verdict?.divergence ?? null;
    const span = divergence?.span ?? document?.error?.span ?? null;
    const id = span ? idOf(span.cell) : undefined;
    // Who types elsewhere keeps the caret: the panel has the link.
    if (span && id && job.state === 'failed' && !isTyping()) {
      void this.reveal(id, span.line, span.column);
    }
    if (divergence && job.state === 'failed') {
      this._diverged.emit(divergence);
    }
  }

  /** Show a cell, and put the cursor at a line of it (from 1). */
  async reveal(id: string, line?: number, column = 0): Promise<void> {
    const notebook = this.panel.content;
    const index = notebook.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) {
      return;
    }
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'smart');
    if (line !== undefined) {
      await notebook.widgets[index]?.ready;
      notebook.widgets[index]?.editor?.setCursorPosition({ line: line - 1, column });
    }
  }

  /** The ids of the code cells in order. */
  get ids(): string[] {
    return this.panel.content.widgets.flatMap(({ model }) => (model.type === 'code' ? [model.id] : []));
  }

  /** The id of the code cell with that number in the last analysis. */
  idOf(number: number): string | undefined {
    return this._analysis?.notebook?.cells[number - 1]?.id;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this.timer);
    this.lineMark.show(null, null);
    Signal.clearData(this);
  }

  private item(cell: Cell, index: number, number: number, analysed: number | undefined): ICellItem {
    const found = (analysed === undefined ? undefined : this.found.get(analysed)) ?? [];
    return {
      ...this.facts.of(cell.model),
      index,
      number,
      id: cell.model.id,
      state: this.isStale || !this._analysis ? 'stale' : stateOf(found),
      findings: found
    };
  }

  private widget(id: string): Cell | undefined {
    return this.panel.content.widgets.find(cell => cell.model.id === id);
  }

  /** The notebook as it is on the screen. */
  asks(): IAsked {
    const nothing = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
    return { path: this.path, content: this.panel.model ? contentOf(this.panel.model) : nothing, client: this.client };
  }

  private onModel(): void {
    this.panel.model?.cells.changed.connect(this.onCells, this);
    this.onCells();
  }

  private onCells(): void {
    for (const { model } of this.panel.content.widgets) {
      if (!this.watched.has(model)) {
        this.watched.add(model);
        model.contentChanged.connect(this.onContent, this);
        model.metadataChanged.connect(this.onMetadata, this);
      }
    }
    this.touch();
  }

  /** What a running cell puts out is none of its content for us. */
  private onContent(cell: ICellModel): void {
    if (this.facts.isOutdated(cell)) {
      this.onMetadata(cell);
    }
  }

  private onMetadata(cell: ICellModel): void {
    this.touch(this.facts.renew(cell));
  }

  private onCursor(_: Cursor, { id, line }: ICursor): void {
    const number = this._analysis?.notebook?.cells.find(cell => cell.id === id)?.number;
    if (number !== undefined) {
      this._cursorMoved.emit({ cell: number, line });
    }
  }

  /** Something changed; `isSeen`: in what the list shows. Who types in a long notebook must not wait for it to be drawn at every key. */
  private touch(isSeen = true): void {
    const isNews = isSeen || !this.isStale;
    this.analyzeIn(PAUSE);
    this.asked = NOT_YET;
    if (isNews) {
      this._changed.emit();
    }
  }

  private analyzeIn(pause: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.analyze(), pause);
  }

  private catchUp(): void {
    if (this.isPutOff) {
      this.analyzeIn(0);
    }
  }

  private async analyze(): Promise<void> {
    await this.panel.context.ready;
    if (this._isDisposed || !this.panel.model) {
      return;
    }
    // Of the notebooks of a restored workspace the first that is looked at must not wait for the others.
    this.isPutOff = !this.panel.isVisible && !this._isFollowed;
    if (this.isPutOff) {
      return;
    }
    const asked = this.asks();
    const text = JSON.stringify(asked.content);
    this.asked = text;
    if (text === this.answered) {
      // Somebody took back what was asked about since: its answer would be of another text.
      this.turns.settle();
    } else if (!this.turns.isUnderWay(text)) {
      const turn = this.turns.next(text);
      try {
        const analysis = await this.api.analyze(asked);
        if (this.isDisposed || !this.turns.isNews(turn)) {
          return;
        }
        this._analysis = analysis;
        this.found = findingsByCell(analysis);
        this._trouble = '';
        this.answered = text;
      } catch (reason) {
        if (this.isDisposed || isSuperseded(reason) || !this.turns.isNews(turn)) {
          return;
        }
        this._trouble = reason instanceof Error ? reason.message : String(reason);
        this.answered = '';
        if (reason instanceof ServerConnection.NetworkError) {
          this.analyzeIn(RETRY);
        }
      }
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private readonly turns = new Turns();
  private readonly lineMark = new LineMark();
  private readonly client = UUID.uuid4();
  private readonly facts = new Facts();
  private readonly watched = new WeakSet<ICellModel>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _built = new Signal<this, IJob>(this);
  private readonly _diverged = new Signal<this, IDivergence>(this);
  private readonly _cursorMoved = new Signal<this, IPlace>(this);
  private _analysis: IAnalysis | null = null;
  private found: ReadonlyMap<number, readonly IFinding[]> = new Map();
  private _isDisposed = false;
  private _isFollowed = false;
  private isPutOff = false;
  private _trouble = '';
  private asked = NOT_YET;
  private answered = '';
  private timer = 0;
}

// No notebook's JSON.
const NOT_YET = '…';
