/** The validation of one open notebook: its form, checked as it is filled in, its runs as they end, or the last one's. */

import type { IPlannedRuns, IProblem, IValidated } from '../model/documents';
import { hasEnded, type IJob, type IJobEvent, type IValidationDocument } from '../model/jobs';
import { Later } from '../model/later';
import { idThen } from '../model/places';
import { keptRuns, placeOf, runsOf, runsTold, type IRun } from '../model/runs';
import type { OfferedParameter, Validation } from '../model/schema';
import { Turns } from '../model/turns';
import { asked, DEFAULTS, fieldOf, formOf, validationLine, type IValidationForm } from '../model/validation';
import { isSuperseded, type Api } from './api';
import { NotebookJob, wordsOf, type Trouble } from './job';
import type { Jobs } from './jobs';
import type { NotebookSession } from './session';

// The pause after which what was filled in is checked.
const PAUSE = 250;

export class NotebookValidation extends NotebookJob<IValidationDocument> {
  constructor(
    session: NotebookSession,
    jobs: Jobs,
    private readonly api: Api
  ) {
    super(session, jobs, 'validate');
    session.changed.connect(this.onSession, this);
  }

  get form(): IValidationForm {
    return this._form;
  }

  set form(form: IValidationForm) {
    this._form = form;
    this.refused = null;
    this.isPlanStale = true;
    this._changed.emit();
    this.planning.call(() => void this.plan());
  }

  /** What the parameters cell offers; null before the notebook was analysed. */
  get parameters(): readonly OfferedParameter[] | null {
    return this.session.analysis?.parameters ?? null;
  }

  /** What the server says of the form; null before it did. */
  get planned(): IPlannedRuns | null {
    return this._planned;
  }

  /** Whether the form was changed since. */
  get isPlanning(): boolean {
    return this.isPlanStale;
  }

  /** Why the form could not be checked, in words. */
  get planTrouble(): string {
    return this._planTrouble;
  }

  /** What is wrong with a field: as it was checked, or as the command said when it was begun. */
  wrong(field: string): IProblem | null {
    const refused = this.refused?.field === field ? this.refused.problem : null;
    return refused ?? this._planned?.wrong?.find(each => each.field === field)?.problem ?? null;
  }

  /** Whether a field is wrong. */
  get hasWrong(): boolean {
    return this.refused !== null || (this._planned?.wrong?.length ?? 0) > 0;
  }

  /** The fields of several names that are wrong: `margins.auc` of `margins`. */
  wrongIn(group: string): readonly IProblem[] {
    const planned = this._planned?.wrong?.filter(each => each.field.startsWith(`${group}.`)).map(each => each.problem) ?? [];
    return this.refused?.field.startsWith(`${group}.`) ? [...planned, this.refused.problem] : planned;
  }

  get commandLine(): string {
    return this.isBusy && this.job ? this.job.command_line : validationLine(this.path, asked(this._form));
  }

  /** All runs that were told or are in the document, in their order. */
  get runs(): readonly IRun[] {
    const { validation } = this;
    if (this.shown.events !== this.events || this.shown.validation !== validation) {
      const runs = validation ? runsOf(validation) : runsTold(this.events);
      this.shown = { events: this.events, validation, runs };
    }
    return this.shown.runs;
  }

  /** The validation as its document has it: of the job that ended, or, where there is no job, the last one of the file. */
  get validation(): Validation | null {
    return this.job ? (this.job.document?.validation ?? null) : (this.last?.validation ?? null);
  }

  /** Whether what is shown is found on the disk: made by a command in a terminal, or before the server was started. */
  get isFromDisk(): boolean {
    return this.job === null && this.validation !== null;
  }

  /** The address of the page of all runs, or of the executed notebook of one, at one of its cells. */
  page(run?: IRun): string {
    const place = run && placeOf(run);
    const id = place && this.idOf(place.cell);
    return this.api.validationPage(this.path, run?.key) + (id ? `#cell-id=${encodeURIComponent(id)}` : '');
  }

  /** Whoever looks at the form wants to know how many runs it says, and what there is of before. */
  async want(): Promise<void> {
    if (!this.isWanted) {
      this.isWanted = true;
      await this.session.panel.context.ready;
      await Promise.all([this.plan(), this.recall()]);
    }
  }

  /** Which files there are may be another matter by now. */
  lookAgain(): void {
    this.planning.call(() => void this.plan());
  }

  /** Save the notebook, and run it as it is then; not while a field is known to be wrong. */
  async start(): Promise<void> {
    this.planning.drop();
    if (this.isPlanStale) {
      await this.plan();
    }
    if (!this._planned?.wrong?.length) {
      await this.begin(asked(this._form));
    }
  }

  /** Show the cell and the line at which a run failed. */
  async revealRun(run: IRun): Promise<void> {
    const place = placeOf(run);
    if (place) {
      await this.revealPlace(place.cell, place.line);
    }
  }

  async revealPlace(cell: number, line: number): Promise<void> {
    await this.reveal({ cell, line: Math.max(1, line), column: 0, end_line: line, end_column: 0 });
  }

  override dispose(): void {
    this.planning.drop();
    super.dispose();
  }

  protected override tell(kind: Trouble, text: string): void {
    if (kind === 'lost') {
      // What it left lies on the disk.
      void this.recall();
    }
    super.tell(kind, text);
  }

  protected override kept(events: readonly IJobEvent[]): readonly IJobEvent[] {
    return keptRuns(events);
  }

  protected override found(job: IJob<IValidationDocument>): void {
    this._form = formOf(job.options);
    this.isPlanStale = true;
    if (this.isWanted) {
      void this.plan();
    }
  }

  protected override ended(job: IJob<IValidationDocument>): void {
    const error = job.document?.error;
    const field = error ? fieldOf(error.where, asked(this._form)) : null;
    this.refused = error && field !== null ? { field, problem: error } : null;
    // The baseline is another one now, and so is what the checklist says.
    this.isPlanStale = true;
    void this.plan();
    void this.session.readiness.refresh();
  }

  protected override idOf(cell: number): string | undefined {
    if (this.job || !this.last?.cells) {
      return super.idOf(cell);
    }
    return idThen(this.last.cells, cell, () => undefined);
  }

  private onSession(): void {
    if (this.isWanted && !this.session.isStale && this.session.analysis !== this.planFor) {
      // Another default, another name: what was right may be wrong now.
      this.planFor = this.session.analysis;
      this.planning.call(() => void this.plan());
    }
    this._changed.emit();
  }

  private async plan(): Promise<void> {
    const turn = this.plans.next();
    const form = this._form;
    try {
      const planned = await this.api.runs(this.session.asks(), asked(form));
      if (this.isDisposed || !this.plans.isNews(turn)) {
        return;
      }
      this._planned = planned;
      this._planTrouble = planned.error ? [planned.error.what, planned.error.fix].filter(Boolean).join('. ') : '';
    } catch (reason) {
      if (!this.isDisposed && isSuperseded(reason) && this.plans.isLast(turn)) {
        // An earlier question came to the server after it: nothing else would ask for what the form says now.
        this.planning.call(() => void this.plan());
      }
      if (this.isDisposed || isSuperseded(reason) || !this.plans.isNews(turn)) {
        return;
      }
      this._planned = null;
      this._planTrouble = wordsOf(reason);
    }
    this.isPlanStale = form !== this._form;
    this._changed.emit();
  }

  private async recall(): Promise<void> {
    try {
      this.last = await this.api.validated(this.path);
      if (!this.isDisposed) {
        this._changed.emit();
      }
    } catch (reason) {
      console.warn(`nb2svc: the last validation could not be read: ${wordsOf(reason)}`);
    }
  }

  private readonly planning = new Later(PAUSE);
  private readonly plans = new Turns();
  private _form = DEFAULTS;
  private _planned: IPlannedRuns | null = null;
  private _planTrouble = '';
  private planFor: unknown = null;
  private isPlanStale = true;
  private isWanted = false;
  private last: IValidated | null = null;
  private refused: { readonly field: string; readonly problem: IProblem } | null = null;
  private shown: { events: readonly IJobEvent[]; validation: Validation | null; runs: readonly IRun[] } = {
    events: [],
    validation: null,
    runs: []
  };
}

/** Whether there is something to see of a validation. */
export function hasResults(validation: NotebookValidation): boolean {
  const { job } = validation;
  return validation.validation !== null || (job !== null && (hasEnded(job) || validation.runs.length > 0));
}
