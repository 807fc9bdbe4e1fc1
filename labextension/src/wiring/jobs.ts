import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IJob, IJobNews } from '../model/jobs';

/** The jobs of the server: commands that run there, whoever looks. */
export class Jobs {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** Begin a command on a file or folder, or let it wait its turn. */
  begin<D>(command: string, path: string, options: object): Promise<IJob<D>> {
    return this.ask('POST', '', JSON.stringify({ command, path, options }));
  }

  /** The jobs about a file or folder, the newest first; without their documents. Who asks at the same time is told the same. */
  of(path: string): Promise<readonly IJob<never>[]> {
    const found =
      this.asked.get(path) ??
      this.ask<{ jobs: IJob<never>[] }>('GET', `?${new URLSearchParams({ path }).toString()}`)
        .then(({ jobs }) => jobs)
        .finally(() => this.asked.delete(path));
    this.asked.set(path, found);
    return found;
  }

  /** A job with what it told after an event: at once, or, with `wait`, as soon as there is something. */
  news<D>(id: string, after: number, wait: boolean): Promise<IJobNews<D>> {
    const query = new URLSearchParams({ after: String(after), ...(wait ? {} : { wait: '0' }) });
    return this.ask('GET', `/${id}?${query.toString()}`);
  }

  /** End a job; it has ended when its news say so. */
  cancel(id: string): Promise<IJob<unknown>> {
    return this.ask('DELETE', `/${id}`);
  }

  /** Throws NetworkError where there is no server, ResponseError where it says no. */
  private async ask<T>(method: string, rest: string, body: string | null = null): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'nb2svc', 'jobs') + rest;
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, { method, body }, this.settings);
    } catch (error) {
      throw new ServerConnection.NetworkError(error as TypeError);
    }
    if (!response.ok) {
      throw await ServerConnection.ResponseError.create(response);
    }
    return (await response.json()) as T;
  }

  private readonly asked = new Map<string, Promise<readonly IJob<never>[]>>();
}
