import { describe, expect, it } from 'vitest';

import type { IJobEvent } from './jobs';
import {
  differsOnly,
  FEW,
  grouped,
  isBad,
  keptRuns,
  label,
  listed,
  metricNames,
  numberText,
  placeOf,
  progressOf,
  reached,
  runsOf,
  runsTold,
  serviceCounts,
  varying
} from './runs';
import type { CheckOutcome, Failure, RunResult, RunSpec, RunTold, ServiceOutcome, Validation } from './schema';

const told = (number: number, status: RunTold['status'], rest: Partial<RunTold> = {}): RunTold => ({
  ...{
    key: `k${number}`,
    number,
    label: `seed=${number}`,
    status,
    values: [],
    cells: 4,
    seconds: 1,
    path: 'plain',
    reused: false
  },
  ...{ path_note: '', checks: 1, failed: [], metrics: [], failure: null },
  ...rest
});
let n = 0;
const event = (rest: Partial<IJobEvent>): IJobEvent => ({ n: ++n, seconds: n, stage: 'run', ...rest });
const check = (outcome: CheckOutcome['outcome'], cell = 3, line = 2): CheckOutcome => ({
  ...{ name: 'good', cell, outcome, message: '', line, values: [], segment: '' }
});
const failure = (cell: number, line: number): Failure => ({
  ...{ what: 'it broke', cell, line, where: '', why: '', fix: '', details: '' }
});
const spec = (values: Record<string, string>, rest: Partial<RunSpec> = {}): RunSpec => ({
  ...{ key: JSON.stringify(values), case: '', seed: '', segment: '', repeat: 1 },
  parameters: Object.entries(values).map(([name, value]) => ({ name, value, secret: '' })),
  ...rest
});

const result = (of: RunSpec, rest: Partial<RunResult> = {}) =>
  ({
    key: of.key,
    spec: of,
    status: 'ok',
    seconds: 1,
    path: 'fork',
    reused: false,
    checks: [check('pass'), check('fail')],
    metrics: [],
    failure: null,
    ...rest
  }) as unknown as RunResult;

const EVENTS = [
  event({ total: 4, done: 0 }),
  event({ total: 4, done: 0, run: told(2, 'running'), cell: 1 }),
  event({ total: 4, done: 0, run: told(1, 'running'), cell: 1 }),
  event({ total: 4, done: 0, run: told(1, 'running'), cell: 2 }),
  event({ total: 4, done: 1, left: 12, run: told(2, 'failed', { failed: [check('fail')] }) })
];

describe('the runs that are told', () => {
  it('are in their order, each as it was told last', () => {
    expect(runsTold(EVENTS).map(run => [run.number, run.status, run.at])).toEqual([
      [1, 'running', 2],
      [2, 'failed', null]
    ]);
  });

  it('are kept once each, and the last number is', () => {
    const kept = keptRuns(EVENTS);
    expect(kept.map(each => each.n)).toEqual([1, 4, 5]);
    expect(runsTold(kept)).toEqual(runsTold(EVENTS));
  });

  it('say how far all of them are, and how long they take', () => {
    expect(progressOf(EVENTS, 9)).toEqual({ done: 1, total: 4, bad: 1, left: 8 });
    expect(progressOf(EVENTS, 99)?.left).toBe(0);
    expect(progressOf(EVENTS.slice(0, 1), 9)).toEqual({ done: 0, total: 4, bad: 0, left: null });
    expect(progressOf([event({ text: 'reading' })], 1)).toBeNull();
  });

  it('are listed from those that are not well', () => {
    const runs = runsTold([
      event({ run: told(1, 'ok') }),
      event({ run: told(2, 'running') }),
      event({ run: told(3, 'died') }),
      event({ run: told(4, 'failed') })
    ]);
    expect(listed(runs, 'all').map(run => run.number)).toEqual([3, 4, 2, 1]);
    expect(listed(runs, 'bad').map(run => run.number)).toEqual([3, 4]);
    expect(runs.filter(isBad)).toHaveLength(2);
  });
});

describe('the runs of a document', () => {
  it('are told from each other by what varies', () => {
    const specs = [spec({ rate: '1', seed: '1' }), spec({ rate: '1', seed: '2' }, { repeat: 2 })];
    expect([...varying(specs)]).toEqual(['seed']);
    expect(specs.map(each => label(each, varying(specs)))).toEqual(['seed=1', 'seed=2 #2']);
    expect([...varying([spec({}), spec({ rate: '1' })])]).toEqual(['rate']);
    const secret = spec({}, { case: 'stress', segment: 'a=b', parameters: [{ name: 'token', value: '', secret: 'KEY' }] });
    expect(label(secret, new Set(['token']))).toBe('stress token=env:KEY a=b');
    const runs = runsOf({ runs: specs.map(each => result(each)) } as unknown as Validation);
    expect(runs.map(run => [run.number, run.label, run.path, run.checks, run.failed.length])).toEqual([
      [1, 'seed=1', 'fork', 2, 1],
      [2, 'seed=2 #2', 'fork', 2, 1]
    ]);
  });
});

describe('a run', () => {
  it('leads to where it stopped, else to the check that failed', () => {
    expect(placeOf({ failed: [check('not_reached'), check('fail', 5, 0)], failure: null })).toEqual({ cell: 5, line: 1 });
    expect(placeOf({ failed: [check('fail', 5)], failure: failure(2, 7) })).toEqual({ cell: 2, line: 7 });
    expect(placeOf({ failed: [], failure: failure(0, 0) })).toBeNull();
    expect(placeOf({ failed: [check('not_reached')], failure: null })).toBeNull();
  });

  it('has numbers of four digits', () => {
    expect([0.123456, 1234567, null, 1e-9].map(numberText)).toEqual(['0.1235', '1235000', '', '1e-9']);
  });

  it('has the metrics that any run told, without those of segments', () => {
    const metric = (name: string, segment = '') => ({ name, segment, value: 1, special: '' as const, note: '' });
    const runs = runsTold([
      event({ run: told(1, 'ok', { metrics: [metric('auc'), metric('auc', 'a=b')] }) }),
      event({ run: told(2, 'ok', { metrics: [metric('f1')] }) })
    ]);
    expect(metricNames(runs)).toEqual(['auc', 'f1']);
  });
});

describe('many runs', () => {
  const many = Array.from({ length: FEW + 3 }, (_, index) => event({ run: told(index + 1, index % 10 === 7 ? 'failed' : 'ok') }));

  it('stand under their states, those that are not well first', () => {
    const groups = grouped(runsTold([...many, event({ run: told(99, 'running') })]), 'all');
    expect(groups.map(({ status, runs }) => [status, runs.length])).toEqual([
      ['failed', 5],
      ['running', 1],
      ['ok', FEW - 2]
    ]);
    expect(grouped(runsTold(many), 'bad')).toEqual([{ status: null, runs: runsTold(many).filter(isBad) }]);
    expect(grouped(runsTold(many.slice(0, 9)), 'all').map(({ status }) => status)).toEqual([null]);
  });

  it('are the same objects while nothing new is told of them', () => {
    const [first] = runsTold(many);
    expect(runsTold(keptRuns([...many, event({ run: told(99, 'running') })]))[0]).toBe(first);
  });

  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [9, 5],
    [19, 10],
    [49, 20],
    [500, 500],
    [999, 500]
  ])('%i reach %i', (count, found) => {
    expect(reached(count)).toBe(found);
  });
});

describe('the service of a run', () => {
  const service = (rest: Partial<ServiceOutcome>): ServiceOutcome => ({
    ...{ status: 'pass', project: 'loans', digest: '', compared: 3, identical: 3, modes: [], divergence: null, checks: [] },
    ...{ reason: '', failure: null, seconds: 1 },
    ...rest
  });
  const parted = service({
    status: 'fail',
    reason: 'answers: 3 of 3 rows differ',
    divergence: { span: { cell: 4, line: 2, column: 0, end_line: 2, end_column: 1 }, column: 'age', text: 'x = 1' } as never
  });
  const only = (outcome: ServiceOutcome) =>
    runsOf({ runs: [{ ...result(spec({ seed: '1' })), status: 'failed', service: outcome }] } as unknown as Validation)[0];

  it('is the failure of a run that ended well by itself', () => {
    const run = only(parted);
    expect(run?.failure?.what).toBe('the service does not answer as the notebook: answers: 3 of 3 rows differ');
    expect(run && placeOf(run)).toEqual({ cell: 4, line: 2 });
    const broken = only(service({ status: 'fail', failure: failure(0, 0) }));
    expect(broken?.failure?.what).toBe('the service could not be trained: it broke');
    expect(only(service({}))?.failure).toBeNull();
  });

  it('is told from a check that failed', () => {
    const run = only(parted);
    const differs = (...failed: CheckOutcome[]) => run && differsOnly({ ...run, failed });
    expect(differs()).toBe(true);
    expect(differs({ ...check('error'), segment: 'region=north' }, check('not_reached'))).toBe(true);
    expect(differs({ ...check('fail'), segment: 'region=north' })).toBe(false);
    expect(differs(check('error'))).toBe(false);
    expect(run && differsOnly({ ...run, status: 'ok' })).toBe(false);
  });

  it('is counted over all of them, the worst first', () => {
    expect(serviceCounts([service({}), parted, parted])).toEqual([
      { status: 'fail', runs: 2, reason: 'answers: 3 of 3 rows differ' },
      { status: 'pass', runs: 1, reason: '' }
    ]);
  });
});
