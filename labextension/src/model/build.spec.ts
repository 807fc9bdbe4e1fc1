import { describe, expect, it } from 'vitest';

import cases from './build.cases.json';
import { asked, buildLine, DEFAULTS, keptOf, outcomeOf, outputOf, parametersOf, stagesOf } from './build';
import type { IBuildDocument, IJobEvent, IMode } from './jobs';

let n = 0;
const event = (seconds: number, rest: Partial<IJobEvent>): IJobEvent => ({ n: ++n, seconds, ...rest });
const RUN = [
  event(0, { state: 'running' }),
  event(1, { stage: 'read', text: 'reading loans.ipynb' }),
  event(2, { stage: 'run' }),
  event(3, { stage: 'run', text: 'running load: 1 of 2', cell: 1, done: 0, total: 2 }),
  event(4, { stage: 'run', cell: 1, output: '100 rows\n' })
];
const mode = (name: string, compared: number, different = 0): IMode => ({
  name,
  status: different > 0 ? 'fail' : 'pass',
  compared,
  total: compared,
  different,
  note: ''
});
const PROVED: IBuildDocument = {
  findings: [],
  error: null,
  frozen: ['income_mean', 'regions'],
  verdict: { modes: [mode('predictions', 488), mode('inputs', 8000), mode('alone', 500)], knife_edges: [], divergence: null }
};

describe('the stages of a build', () => {
  const states = (events: readonly IJobEvent[], state: 'running' | 'failed' | 'cancelled' | 'done') =>
    stagesOf(events, { state }, 9).map(stage => stage.state);

  it('are ok up to the one that runs', () => {
    expect(states(RUN, 'running')).toEqual(['ok', 'running', ...Array<string>(5).fill('waiting')]);
  });

  it('know where a build stopped', () => {
    expect(states(RUN, 'failed').slice(0, 3)).toEqual(['ok', 'failed', 'waiting']);
    expect(states(RUN, 'cancelled').slice(0, 3)).toEqual(['ok', 'stopped', 'waiting']);
    expect(states([], 'failed')[0]).toBe('failed');
    expect(new Set(states(RUN, 'done'))).toEqual(new Set(['ok']));
    expect(new Set(states([], 'running'))).toEqual(new Set(['waiting']));
  });

  it('have their times and counts, and what a cell printed is none of it', () => {
    const [read, run, capture] = stagesOf(RUN, { state: 'running' }, 9);
    expect([read?.seconds, run?.seconds, capture?.seconds]).toEqual([1, 7, null]);
    expect([run?.text, run?.done, run?.total]).toEqual(['running load: 1 of 2', 0, 2]);
  });
});

describe('what was printed', () => {
  it.each([
    ['a\nb\n', 'a\nb\n'],
    ['10%\r50%\r100%\ndone', '100%\ndone'],
    ['10%\r', '10%'],
    ['a\r\nb', 'a\nb'],
    ['\u001b[31mred\u001b[0m', 'red']
  ])('%j is shown as %j', (output, shown) => {
    expect(outputOf([event(1, { output })])).toBe(shown);
  });

  it('is kept from its end, and all that tells of stages', () => {
    expect(keptOf(RUN, 0)).toEqual(RUN.slice(0, 4));
    expect(keptOf([...RUN, event(5, { output: 'b' }), event(6, { output: 'c' })], 2).map(each => each.output)).toEqual([
      ...Array<undefined>(4).fill(undefined),
      'b',
      'c'
    ]);
  });

  it('is shown from its end', () => {
    expect(outputOf([event(1, { output: 'a\nb\n' }), event(2, { output: 'c' })], 2)).toBe('b\nc');
  });
});

describe('the end of a build', () => {
  const ended = (state: 'done' | 'failed' | 'cancelled', exit_code: number | null, document: IBuildDocument | null) =>
    outcomeOf({ state, exit_code, document });

  it('counts what was frozen, and the rows that were replayed at once', () => {
    expect(ended('done', 0, PROVED)).toEqual({ kind: 'proved', frozen: 2, rows: 8000, different: 0, edges: 0 });
  });

  it('is no for more than one reason', () => {
    const error = { what: 'no', where: '', why: '', fix: '' };
    const refusal = { code: 'NB301', severity: 'refusal', message: '', remedy: '', span: null, fixes: [] } as const;
    expect(ended('done', 1, PROVED)?.kind).toBe('gate');
    expect(ended('cancelled', 130, null)?.kind).toBe('cancelled');
    expect(ended('failed', 4, { findings: [], error })?.kind).toBe('failed');
    expect(ended('failed', 3, { findings: [refusal], error })?.kind).toBe('refused');
    const verdict = { modes: [mode('inputs', 10, 3)], knife_edges: [], divergence: null };
    expect(ended('failed', 1, { findings: [], error, verdict })).toMatchObject({ kind: 'diverged', different: 3 });
    expect(outcomeOf({ state: 'running', exit_code: null, document: null })).toBeNull();
  });
});

describe('the options', () => {
  it.each(cases)('$line', ({ path, options, line }) => {
    const {
      parameters = {},
      fresh = false,
      bento = true,
      parity = 'sample'
    } = options as Partial<{
      parameters: Record<string, string>;
      fresh: boolean;
      bento: boolean;
      parity: string;
    }>;
    const said = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    const given = { parameters: said.join('\n'), fresh, bento, everyRow: parity === 'all' };
    expect(buildLine(path, given)).toBe(line);
    expect(asked(given)).toEqual(options);
  });

  it('names the line that is no parameter', () => {
    expect(parametersOf(' months = 12 \n\nb=2').wrong).toBe('months = 12');
    expect(parametersOf('a=1\na=2').wrong).toBe('a=2');
    expect(parametersOf('a=\nb=x=y').values).toEqual({ a: '', b: 'x=y' });
    expect(parametersOf('constructor=1\n__proto__=2').wrong).toBe('');
    expect(Object.entries(parametersOf('constructor=1\n__proto__=2').values)).toEqual([
      ['constructor', '1'],
      ['__proto__', '2']
    ]);
    expect(asked(DEFAULTS)).toEqual({});
  });
});
