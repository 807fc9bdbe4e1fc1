import { describe, expect, it } from 'vitest';

import { nextTry } from './asking';

describe('after a question that failed', () => {
  it('only a server that does not know the build has lost it', () => {
    expect(nextTry(404, 0)).toBeNull();
    const kinds = [null, 502, 503, 504, 500, 429, 401, 403, 200].map(status => nextTry(status, 0)?.kind);
    expect(kinds).toEqual(['away', ...Array<string>(5).fill('unwell'), 'forbidden', 'forbidden', 'strange']);
  });

  it('it is asked again after pauses that grow, up to half a minute', () => {
    expect([0, 1, 2, 3, 4, 40].map(failed => nextTry(502, failed)?.pause)).toEqual([3000, 6000, 12000, 24000, 30000, 30000]);
  });
});
