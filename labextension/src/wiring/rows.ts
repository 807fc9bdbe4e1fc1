/** The captured rows of the current notebook: what is listed, which one is looked at, how it was edited. */

import { Signal, type ISignal } from '@lumino/signaling';

import { Later } from '../model/later';
import {
  continued,
  editedFields,
  firstLooked,
  isPage,
  isTraced,
  partingStep,
  type IPage,
  type IRequest,
  type ITraced,
  type Json,
  type PageAnswer,
  type TracedAnswer
} from '../model/rows';
import { idThen } from '../model/places';
import { Turns } from '../model/turns';
import type { NotebookSession } from './session';

const PAGE = 50;
// The pause after which what was typed is asked.
const PAUSE = 120;

export interface IRowsApi {
  rows<T>(path: string, question: object): Promise<T>;
}

export class RowsModel {
  constructor(private readonly api: IRowsApi) {}

  /** Emitted when anything of it changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get session(): NotebookSession | null {
    return this._session;
  }

  set session(session: NotebookSession | null) {
    if (session !== this._session) {
      this._session = session;
      this.forget();
      this.loading = null;
      this._changed.emit();
    }
  }

  /** The listed rows, or null. */
  page: IPage | null = null;
  /** What is shown of a row, or null. */
  traced: ITraced | null = null;
  /** The row that is looked at, as it was captured. */
  captured: IRequest | null = null;
  /** The same with what was edited. */
  request: IRequest | null = null;
  /** The row that is chosen; its details may still be on their way. */
  row: number | null = null;
  /** The row whose details stand. */
  shown: number | null = null;
  search = '';
  notable = false;
  beside: 'nearest' | 'row' = 'nearest';
  trouble = '';
  /** The number of the cell that was to be shown and is not in the notebook any more. */
  gone: number | null = null;
  /** Whether a build has to come first. */
  unbuilt = false;
  /** Whether an answer is awaited. */
  isBusy = false;

  get path(): string {
    return this._session?.path ?? '';
  }

  get edited(): string[] {
    return this.captured && this.request ? editedFields(this.captured, this.request) : [];
  }

  /** List the rows where they are not yet; of a build whose proof failed the row in which it is seen is looked at. */
  load(): Promise<void> {
    this.loading ??= this.begin();
    return this.loading;
  }

  /** There was a build: what is known is out of date. Who shows it asks anew. */
  outdate(): void {
    this.forget();
    this.loading = null;
    this._changed.emit();
  }

  /** Show the row in which the last proof failed, and the line where both part. */
  async showFailure(): Promise<void> {
    this.outdate();
    await this.load();
    const step = this.traced && partingStep(this.traced);
    const span = this.page?.proof?.divergence?.span;
    const place = step ?? span;
    if (place) {
      await this.reveal(place.cell, place.line);
    }
  }

  find(search: string, notable: boolean): void {
    this.search = search;
    this.notable = notable;
    this._changed.emit();
    this.finding.call(() => void this.list(0));
  }

  /** Put the next rows to the list. */
  async more(): Promise<void> {
    // Who has just searched gets what was found.
    if (!this.finding.isWaiting) {
      await this.list(this.page?.rows.length ?? 0);
    }
  }

  async choose(row: number): Promise<void> {
    const choice = ++this.choice;
    this.row = row;
    this.editing.drop();
    const answer = await this.ask<TracedAnswer>({ ask: 'row', row }, this.tracing);
    if (answer && this.accept(answer)) {
      this.captured = this.request = this.traced?.request ?? null;
      this.beside = 'nearest';
      this.shown = row;
    }
    if (choice === this.choice) {
      this.row = this.shown;
    }
    this._changed.emit();
  }

  edit(name: string, value: Json): void {
    if (this.request) {
      this.request = { ...this.request, [name]: value };
      this._changed.emit();
      this.editing.call(() => void this.retry());
    }
  }

  reset(): void {
    if (this.shown !== null) {
      void this.choose(this.shown);
    }
  }

  compareWith(beside: 'nearest' | 'row'): void {
    this.beside = beside;
    void this.retry();
  }

  /** Show a cell's line in the notebook. */
  async reveal(cell: number, line: number): Promise<void> {
    const session = this._session;
    const id = session && idThen((this.traced ?? this.page)?.cell_ids, cell, number => session.idOf(number));
    const isHere = id && session.ids.includes(id);
    this.gone = isHere ? null : cell;
    this._changed.emit();
    if (isHere) {
      await session.reveal(id, line);
    }
  }

  private async begin(): Promise<void> {
    if (!this._session) {
      return;
    }
    await this.list(0);
    const first = this.page && firstLooked(this.page);
    if (first !== null && this.row === null) {
      await this.choose(first);
    }
  }

  private async retry(): Promise<void> {
    const { shown: row, request, beside } = this;
    if (row !== this.row) {
      // Another row is on its way.
      return;
    }
    const answer = await this.ask<TracedAnswer>({ ask: 'try', row, request, beside }, this.tracing);
    if (answer) {
      this.accept(answer);
    }
    this._changed.emit();
  }

  private accept(answer: TracedAnswer): boolean {
    if (!isTraced(answer)) {
      return false;
    }
    this.traced = answer;
    return true;
  }

  private async list(offset: number): Promise<void> {
    const { search, notable } = this;
    const answer = await this.ask<PageAnswer>({ ask: 'list', search, notable, offset, limit: PAGE }, this.listing);
    if (answer && isPage(answer)) {
      this.page = continued(this.page, answer);
    }
    this._changed.emit();
  }

  /** The answer, or null where it came too late, or told of trouble. */
  private async ask<T extends { error: unknown; built?: boolean }>(question: object, turns: Turns): Promise<T | null> {
    const turn = turns.next();
    const session = this._session;
    this.isBusy = true;
    this._changed.emit();
    let answer: T | null = null;
    let trouble = '';
    try {
      answer = await this.api.rows<T>(this.path, question);
    } catch (reason) {
      trouble = reason instanceof Error ? reason.message : String(reason);
    }
    if (!turns.isNews(turn) || session !== this._session) {
      return null;
    }
    this.isBusy = false;
    this.unbuilt = answer?.built === false;
    const error = answer?.error as { what: string; why: string; fix: string } | null | undefined;
    this.trouble = error ? [error.what, error.why, error.fix].filter(Boolean).join('. ') : trouble;
    return error ? null : answer;
  }

  private forget(): void {
    this.finding.drop();
    this.editing.drop();
    // What is still asked is of another notebook or build.
    for (const turns of [this.listing, this.tracing]) {
      turns.isNews(turns.next());
    }
    this.page = this.traced = this.captured = this.request = this.row = this.shown = null;
    this.trouble = '';
    this.gone = null;
    this.unbuilt = this.isBusy = false;
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly listing = new Turns();
  private readonly tracing = new Turns();
  private _session: NotebookSession | null = null;
  private loading: Promise<void> | null = null;
  private readonly finding = new Later(PAUSE);
  private readonly editing = new Later(PAUSE);
  private choice = 0;
}
