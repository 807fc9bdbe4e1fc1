/** What it means that a server could not be asked after a build, and when to ask again. */

/** Why there is no news: nobody answered, the answer was a no, a fault, or no answer of ours (a page to log in). */
export type NoNews = 'away' | 'forbidden' | 'unwell' | 'strange';

export interface INextTry {
  readonly kind: NoNews;
  /** In milliseconds. */
  readonly pause: number;
}

const FIRST = 3000;
const LONGEST = 30_000;
const NOT_FOUND = 404;

/**
 * What to do after a question failed: null where the server no longer knows what it was about, else when to ask again.
 * `status` is the answer's, null where none came; `failed` how many questions before it failed, too.
 */
export function nextTry(status: number | null, failed: number): INextTry | null {
  if (status === NOT_FOUND) {
    return null;
  }
  return { kind: kindOf(status), pause: Math.min(FIRST * 2 ** failed, LONGEST) };
}

function kindOf(status: number | null): NoNews {
  if (status === null) {
    return 'away';
  }
  if (status === 401 || status === 403) {
    return 'forbidden';
  }
  return status >= 400 ? 'unwell' : 'strange';
}
