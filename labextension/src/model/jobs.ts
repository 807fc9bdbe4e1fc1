/** What `/nb2svc/jobs` says of a command that runs for the panel, and what of its document the panel reads. */

import type { IFinding, IProblem, ISpan } from './documents';
import type { CellIds } from './places';

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

/** What `nb2svc build --format json` says; of a build that failed only `findings` and `error`, and `verdict` where its proof did. */
export interface IBuildDocument {
  readonly findings: readonly IFinding[];
  readonly error: (IProblem & { readonly details?: string; readonly span?: ISpan | null }) | null;
  readonly cells?: CellIds;
  readonly verdict?: {
    readonly modes: readonly IMode[];
    readonly knife_edges: readonly unknown[];
    readonly divergence: IDivergence | null;
  };
  readonly frozen?: readonly string[];
  readonly output?: string;
  readonly summary?: readonly { readonly label: string; readonly lines: readonly string[] }[];
}

export interface IJob {
  readonly id: string;
  readonly command: string;
  readonly path: string;
  readonly command_line: string;
  readonly state: JobState;
  /** Its place among the jobs that wait; 0 where it does not. */
  readonly position: number;
  readonly exit_code: number | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly seconds: number;
  readonly document: IBuildDocument | null;
}

/** A job with what it told since. */
export interface IJobNews extends IJob {
  readonly events: readonly IJobEvent[];
  readonly last: number;
  readonly dropped: number;
}

export function hasEnded(job: Pick<IJob, 'state'>): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}
