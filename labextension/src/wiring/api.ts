import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IAnalysis, IPage, IPlannedRuns, IReadiness, IShown, ISuggestion, IValidated } from '../model/documents';

/** A notebook as it is on the screen. */
export interface IAsked {
  readonly path: string;
  readonly content: object;
  /** Who asks: an earlier question of the same kind that still waits is dropped for a later one of the same client. */
  readonly client: string;
}

/** Whether a question was dropped since the same client asked again. */
export function isSuperseded(reason: unknown): boolean {
  return reason instanceof ServerConnection.ResponseError && reason.response.status === 409;
}

/** The questions that the server extension answers about a notebook as it is on the screen. */
export class Api {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  analyze(asked: IAsked): Promise<IAnalysis> {
    return this.ask('analyze', asked);
  }

  suggest(asked: IAsked): Promise<ISuggestion> {
    return this.ask('suggest', asked);
  }

  show(asked: IAsked): Promise<IShown> {
    return this.ask('show', asked);
  }

  /** Of the file, not of the screen: a build was of a file. */
  ready(path: string): Promise<IReadiness> {
    return this.ask('ready', { path });
  }

  /** How many runs a validation would make; nothing is run. */
  runs(asked: IAsked, options: object): Promise<IPlannedRuns> {
    return this.ask('runs', { ...asked, options });
  }

  /** The last validation of a file. */
  validated(path: string): Promise<IValidated> {
    return this.ask('validated', { path });
  }

  /** The address of the page of a file's last validation, or of the executed notebook of one of its runs. */
  validationPage(path: string, run?: string): string {
    const query = URLExt.objectToQueryString(run === undefined ? { path } : { path, run });
    return `${URLExt.join(this.settings.baseUrl, 'nb2svc', 'validation')}${query}`;
  }

  /** The address of a file of evidence, which is a page to look at. */
  evidence(path: string, file: string): string {
    return `${URLExt.join(this.settings.baseUrl, 'nb2svc', 'evidence')}${URLExt.objectToQueryString({ path, file })}`;
  }

  /** What becomes of captured rows; runs the project's code. */
  rows<T>(path: string, question: object): Promise<T> {
    return this.ask('rows', { path, ...question });
  }

  /** What a finding's code stands for. */
  explain(code: string): Promise<IPage> {
    return this.request(`explain/${encodeURIComponent(code)}`, { method: 'GET' });
  }

  private ask<T>(what: string, question: object): Promise<T> {
    return this.request(what, { method: 'POST', body: JSON.stringify(question) });
  }

  /** Throws NetworkError where there is no server, ResponseError where it says no. */
  private async request<T>(what: string, request: RequestInit): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'nb2svc', what);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, request, this.settings);
    } catch (error) {
      throw new ServerConnection.NetworkError(error as TypeError);
    }
    if (!response.ok) {
      throw await ServerConnection.ResponseError.create(response);
    }
    return (await response.json()) as T;
  }
}
