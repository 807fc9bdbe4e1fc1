/** What `/nb2svc/jobs` says of a command that runs for the panel, and what of its document the panel reads. */

import type { IFinding, IProblem, ISpan } from './documents';
import type { CellIds } from './places';
import type { RunTold, Validation } from './schema';

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** Something that a job told: that it came into a stage or went on in it, what a cell printed, or that its state changed. */
export interface IJobEvent {
  readonly n: number;
  readonly seconds: number;
  readonly stage?: string;
  readonly text?: string;
  readonly cell?: number;
  readonly done?: number;
  readonly total?: number;
  readonly output?: string;
  readonly run?: RunTold;
  readonly left?: number | null;
  readonly state?: JobState;
}

export interface IMode {
  readonly name: string;
  readonly status: 'pass' | 'fail' | 'warn' | 'not_evaluated';
  readonly compared: number;
  readonly total: number;
  readonly different: number;
  readonly note: string;
}

export interface IDivergence {
  readonly span: ISpan;
  readonly column: string;
  readonly text: string;
}

/** What the document of any command has. */
export interface IDocument {
  readonly error: (IProblem & { readonly details?: string; readonly span?: ISpan | null }) | null;
  /** The ids of the code cells by number, as they were when it began. */
  readonly cells?: CellIds;
}

/** What `nb2svc build --format json` says; of a build that failed only `findings` and `error`, and `verdict` where its proof did. */
export interface IBuildDocument extends IDocument {
  readonly findings: readonly IFinding[];
  readonly verdict?: {
    readonly modes: readonly IMode[];
    readonly knife_edges: readonly unknown[];
    readonly divergence: IDivergence | null;
  };
  readonly frozen?: readonly string[];
  readonly output?: string;
  readonly summary?: readonly { readonly label: string; readonly lines: readonly string[] }[];
}

/** What `nb2svc validate --format json` says; of one that could not be begun only `error`. */
export interface IValidationDocument extends IDocument {
  readonly output?: string;
  readonly validation?: Validation;
}

export interface IJob<D = IBuildDocument> {
  readonly id: string;
  readonly command: string;
  readonly path: string;
  /** What was asked for, as it was asked. */
  readonly options: object;
  readonly command_line: string;
  readonly state: JobState;
  /** Its place among the jobs that wait; 0 where it does not. */
  readonly position: number;
  readonly exit_code: number | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly seconds: number;
  readonly document: D | null;
}

/** A job with what it told since. */
export interface IJobNews<D = IBuildDocument> extends IJob<D> {
  readonly events: readonly IJobEvent[];
  readonly last: number;
  readonly dropped: number;
}

export function hasEnded(job: { readonly state: JobState }): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}
