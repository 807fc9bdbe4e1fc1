/** A command on one open notebook that the server runs: begun, followed, found again after the tab was closed, and ended. */

import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { nextTry, type NoNews } from '../model/asking';
import type { ISpan } from '../model/documents';
import { hasEnded, type IDocument, type IJob, type IJobEvent } from '../model/jobs';
import { idThen, numbered, type CellIds } from '../model/places';
import type { Jobs } from './jobs';
import type { NotebookSession } from './session';

// Between two answers, so that a cell that prints without end does not ask without end.
const PAUSE = 150;
// How often a job that waits its turn is looked at: one that waited for news would hold one of the browser's few connections.
const WAITING = 1500;

export type Trouble = '' | 'unsaved' | 'parameters' | NoNews | 'lost' | 'refused' | 'gone';

export abstract class NotebookJob<D extends IDocument> implements IDisposable {
  constructor(
    protected readonly session: NotebookSession,
    private readonly jobs: Jobs,
    private readonly command: string
  ) {
    session.panel.disposed.connect(this.dispose, this);
    void session.panel.context.ready.then(() => this.find());
  }

  /** Emitted when anything of it changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The job that was begun last; null before the first. */
  get job(): IJob<D> | null {
    return this._job;
  }

  get events(): readonly IJobEvent[] {
    return this._events;
  }

  /** How long the job has been running by now, in seconds. */
  get seconds(): number {
    const since = this._job?.state === 'running' ? (Date.now() - this.heard) / 1000 : 0;
    return (this._job?.seconds ?? 0) + since;
  }

  /** Whether one of this notebook runs or waits, or is about to. */
  get isBusy(): boolean {
    return this.isStarting || (this._job !== null && !hasEnded(this._job));
  }

  /** Whether it was asked to end and has not yet. */
  get isEnding(): boolean {
    return this._isEnding;
  }

  /** What stands in the way, and in words what is known of it. */
  get trouble(): { readonly kind: Trouble; readonly text: string } {
    return this._trouble;
  }

  get path(): string {
    return this.session.path;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Save the notebook, and begin with its file as it is then. */
  protected async begin(options: object): Promise<void> {
    if (this.isBusy) {
      return;
    }
    this.isStarting = true;
    this.tell('', '');
    try {
      const unsaved = await this.save();
      if (unsaved) {
        this.tell('unsaved', unsaved);
        return;
      }
      const ids = numbered(this.session.ids);
      this.take(await this.jobs.begin<D>(this.command, this.path, options), ids);
    } catch (reason) {
      this.tell('refused', wordsOf(reason));
      return;
    } finally {
      this.isStarting = false;
    }
    void this.follow(true);
  }

  /** What of its events is kept. */
  protected abstract kept(events: readonly IJobEvent[]): readonly IJobEvent[];

  /** It has ended; it was not known before how. */
  protected abstract ended(job: IJob<D>): void;

  /** There is one that was begun elsewhere. */
  protected abstract found(job: IJob<D>): void;

  /** Show a place that it speaks of, in the cell that it had then; say where that is gone. */
  async reveal(span: ISpan): Promise<void> {
    const id = this.idOf(span.cell);
    if (id === undefined || !this.session.ids.includes(id)) {
      this.tell('gone', String(span.cell));
      return;
    }
    if (this._trouble.kind === 'gone') {
      this.tell('', '');
    }
    await this.session.reveal(id, span.line);
  }

  /** Ask it to end; it has ended when everything that it started is gone. */
  async cancel(): Promise<void> {
    if (!this._job || hasEnded(this._job)) {
      return;
    }
    this._isEnding = true;
    this._changed.emit();
    try {
      await this.jobs.cancel(this._job.id);
    } catch (reason) {
      this._isEnding = false;
      this.tell('refused', wordsOf(reason));
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** One that began in a tab that is closed now, or the last that ended. */
  private async find(): Promise<void> {
    for (let failed = 0; this.isToBeFound(); failed++) {
      try {
        const job = (await this.jobs.of(this.path)).find(each => each.command === this.command);
        if (job && this.isToBeFound()) {
          this.take(job);
          this.found(job);
          void this.follow(!hasEnded(job));
        }
        return;
      } catch (reason) {
        // What is wrong is told when somebody begins one.
        console.warn(`nb2svc: jobs could not be looked for: ${wordsOf(reason)}`);
        const next = nextTry(statusOf(reason), failed);
        if (!next) {
          return;
        }
        await pause(next.pause);
      }
    }
  }

  private isToBeFound(): boolean {
    return !this.isBusy && this._job === null && !this._isDisposed;
  }

  /** The reason why what is on the screen can't be written to its file; "" where it is there. */
  private async save(): Promise<string> {
    const { context } = this.session.panel;
    if (!context.model.dirty) {
      return '';
    }
    if (this.session.isReadOnly) {
      return 'read-only';
    }
    try {
      await context.save();
    } catch (reason) {
      return wordsOf(reason);
    }
    return '';
  }

  private take(job: IJob<D>, ids?: CellIds): void {
    this._job = job;
    this.ids = ids;
    this._events = [];
    this._isEnding = false;
    this.heard = Date.now();
    this._changed.emit();
  }

  /** Hear of the job until it has ended. `fresh`: it was not known how it ended. */
  private async follow(fresh: boolean): Promise<void> {
    const id = this._job?.id;
    let failed = 0;
    while (id !== undefined && this._job?.id === id && !this._isDisposed) {
      const first = this._events.length === 0;
      const waits = this._job.state === 'queued';
      try {
        const after = this._events[this._events.length - 1]?.n ?? 0;
        const { events, ...job } = await this.jobs.news<D>(id, after, !first && !waits);
        if (this.stoppedFollowing(id)) {
          return;
        }
        this._job = job;
        this._events = this.kept([...this._events, ...events]);
        this.heard = Date.now();
        this._trouble = NONE;
        failed = 0;
      } catch (reason) {
        if (this.stoppedFollowing(id)) {
          return;
        }
        const next = nextTry(statusOf(reason), failed++);
        if (!next) {
          this._job = null;
          this.tell('lost', wordsOf(reason));
          return;
        }
        this.tell(next.kind, wordsOf(reason));
        await pause(next.pause);
        continue;
      }
      if (hasEnded(this._job)) {
        this.end(this._job, fresh);
        return;
      }
      this._changed.emit();
      await pause(waits ? WAITING : PAUSE);
    }
  }

  /** The id of the cell that had a number then. */
  protected idOf(cell: number): string | undefined {
    return idThen(this._job?.document?.cells ?? this.ids, cell, number => this.session.idOf(number));
  }

  private stoppedFollowing(id: string): boolean {
    return this._isDisposed || this._job?.id !== id;
  }

  private end(job: IJob<D>, fresh: boolean): void {
    this._isEnding = false;
    this._changed.emit();
    if (fresh) {
      this.ended(job);
    }
  }

  protected tell(kind: Trouble, text: string): void {
    this._trouble = { kind, text };
    this._changed.emit();
  }

  protected readonly _changed = new Signal<this, void>(this);
  private _job: IJob<D> | null = null;
  private ids: CellIds | undefined;
  private _events: readonly IJobEvent[] = [];
  private _trouble = NONE;
  private _isDisposed = false;
  private _isEnding = false;
  private isStarting = false;
  private heard = 0;
}

const NONE: { readonly kind: Trouble; readonly text: string } = { kind: '', text: '' };

function pause(milliseconds: number): Promise<void> {
  return new Promise(done => window.setTimeout(done, milliseconds));
}

/** The status of the answer that an error tells of; null where there was no answer. */
function statusOf(reason: unknown): number | null {
  if (reason instanceof ServerConnection.NetworkError) {
    return null;
  }
  // An answer that can't be read came with success.
  return reason instanceof ServerConnection.ResponseError ? reason.response.status : 200;
}

export function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
