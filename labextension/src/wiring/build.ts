/** The build of one open notebook. */

import { asked, DEFAULTS, keptOf, parametersOf, type IBuildOptions } from '../model/build';
import type { IBuildDocument, IJob, IJobEvent } from '../model/jobs';
import { NotebookJob } from './job';
import type { Jobs } from './jobs';
import type { NotebookSession } from './session';

export class NotebookBuild extends NotebookJob<IBuildDocument> {
  constructor(session: NotebookSession, jobs: Jobs) {
    super(session, jobs, 'build');
  }

  get options(): IBuildOptions {
    return this._options;
  }

  set options(options: IBuildOptions) {
    this._options = options;
    this._changed.emit();
  }

  /** Save the notebook, and build it as it is then. */
  async start(): Promise<void> {
    const { wrong } = parametersOf(this._options.parameters);
    if (wrong && !this.isBusy) {
      this.tell('parameters', wrong);
      return;
    }
    await this.begin(asked(this._options));
  }

  protected override kept(events: readonly IJobEvent[]): readonly IJobEvent[] {
    return keptOf(events);
  }

  protected override found(): void {
    // The next one is what is asked for then.
  }

  protected override ended(job: IJob): void {
    this.session.tellBuilt(job, cell => this.idOf(cell));
  }

  private _options = DEFAULTS;
}
