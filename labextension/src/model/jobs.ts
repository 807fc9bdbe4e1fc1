/** What `/nb2svc/jobs` says of a command that runs for the panel, and what of its document the panel reads. */

import type { IFinding, IProblem, ISpan } from './documents';
import type { CellIds } from './places';
import type { BuildDocument, Divergence, JobDocument, JobEvent, JobFacts, Mode, Validation } from './schema';

export type JobState = JobFacts['state'];

/** Something that a job told: that it came into a stage or went on in it, what a cell printed, or that its state changed. */
export type IJobEvent = Readonly<JobEvent>;

export type IMode = Readonly<Pick<Mode, 'name' | 'status' | 'compared' | 'total' | 'different' | 'note'>>;

export type IDivergence = Readonly<Pick<Divergence, 'span' | 'column' | 'text'>>;

/** What the document of any command has. */
export interface IDocument {
  readonly error: (IProblem & { readonly details?: string; readonly span?: ISpan | null }) | null;
  /** The ids of the code cells by number, as they were when it began. */
  readonly cells?: CellIds;
}

/** What `nb2svc build --format json` says; of a build that failed only `findings` and `error`, and `verdict` where its proof did. */
export interface IBuildDocument extends IDocument, Partial<Pick<BuildDocument, 'frozen' | 'output' | 'summary'>> {
  readonly findings: readonly IFinding[];
  readonly verdict?: {
    readonly modes: readonly IMode[];
    readonly knife_edges: readonly unknown[];
    readonly divergence: IDivergence | null;
  };
}

/** What `nb2svc validate --format json` says; of one that could not be begun only `error`. */
export interface IValidationDocument extends IDocument {
  readonly output?: string;
  readonly validation?: Validation;
}

/** A job; what it is about has the document of its command. */
export type IJob<D = IBuildDocument> = Readonly<Omit<JobFacts, 'document' | 'created'>> & { readonly document: D | null };

/** A job with what it told since. */
export type IJobNews<D = IBuildDocument> = IJob<D> & Readonly<Pick<JobDocument, 'events' | 'last' | 'dropped'>>;

export function hasEnded(job: { readonly state: JobState }): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}
