import { describe, expect, it } from 'vitest';

import { asPath, commandLine, quoted } from './shell';

describe('a command line', () => {
  it.each([
    ['loans.ipynb', 'loans.ipynb'],
    ['my loans.ipynb', "'my loans.ipynb'"],
    ["it's.ipynb", `'it'"'"'s.ipynb'`],
    ['$(rm).ipynb', "'$(rm).ipynb'"],
    ['', "''"],
    ['prüfung.ipynb', "'prüfung.ipynb'"]
  ])('quotes %s as a shell needs it', (argument, said) => {
    expect(quoted(argument)).toBe(said);
  });

  it('is typed as it stands', () => {
    expect(commandLine('build', asPath('-x.ipynb'), '-p', 'region=new york')).toBe(
      "nb2svc build ./-x.ipynb -p 'region=new york'"
    );
  });
});
