/** The runs of a validation, as they are told one by one and as its document has them all, and what is shown of them. */

import type { IJobEvent } from './jobs';
import type { CheckOutcome, Failure, MetricValue, RunResult, RunSpec, RunTold, ServiceOutcome, Validation } from './schema';

export type RunState = RunTold['status'];

/** One run. `place` is the cell that it is at, while it runs. */
export interface IRun {
  readonly key: string;
  readonly number: number;
  readonly label: string;
  readonly status: RunState;
  readonly at: number | null;
  readonly cells: number;
  readonly seconds: number;
  readonly path: RunTold['path'];
  /** Why it did not come by a faster path. */
  readonly pathNote: string;
  readonly reused: boolean;
  readonly checks: number;
  readonly failed: readonly CheckOutcome[];
  readonly metrics: readonly MetricValue[];
  readonly failure: Failure | null;
  /** Why it has no segments. */
  readonly problem: Failure | null;
  /** What the built service said of its rows; null where nobody asked, or it is not known yet. */
  readonly service: ServiceOutcome | null;
}

/** Whether nothing but the service failed a run: its checks did not. */
export function differsOnly({ status, failed }: IRun): boolean {
  // That a segment's few rows can't tell is no failure.
  return status === 'failed' && !failed.some(each => each.outcome === 'fail' || (each.outcome === 'error' && !each.segment));
}

/** Whether a run ended, and not well. */
export function isBad(run: Pick<IRun, 'status'>): boolean {
  return BAD.has(run.status);
}

const BAD: ReadonlySet<RunState> = new Set<RunState>(['failed', 'error', 'timeout', 'died']);

/** The runs that events tell of, in their order; of each what was said last. */
export function runsTold(events: readonly IJobEvent[]): IRun[] {
  const last = new Map(events.flatMap(event => (event.run ? [[event.run.key, event] as const] : [])));
  return [...last.values()].flatMap(event => runOf(event) ?? []).sort((first, second) => first.number - second.number);
}

/** The events that are kept: of each run the last, and the last of the others. */
export function keptRuns(events: readonly IJobEvent[]): IJobEvent[] {
  const last = new Map(events.map(event => [event.run ? `run ${event.run.key}` : (event.stage ?? ''), event]));
  return [...last.values()].sort((first, second) => first.n - second.n);
}

/** The run that an event tells of, made once: what stays the same is not drawn again. */
function runOf(event: IJobEvent): IRun | null {
  const known = made.get(event);
  if (known || !event.run) {
    return known ?? null;
  }
  const run = fromTold(event.run, event.cell ?? null);
  made.set(event, run);
  return run;
}

const made = new WeakMap<IJobEvent, IRun>();

function fromTold(run: RunTold, cell: number | null): IRun {
  const { key, number, label, status, cells, seconds, path, path_note: pathNote, reused, checks, failed, metrics, failure } = run;
  const telling = { key, number, label, status, at: cell, cells, seconds, path, pathNote, reused };
  return { ...telling, checks, failed, metrics, failure, problem: null, service: null };
}

/** All runs of a document. */
export function runsOf(validation: Validation): IRun[] {
  const names = varying(validation.runs.map(run => run.spec));
  return validation.runs.map((run, index) => fromResult(run, index + 1, label(run.spec, names)));
}

function fromResult(run: RunResult, number: number, text: string): IRun {
  const { key, status, seconds, path, path_note: pathNote, reused, metrics, segments, service } = run;
  const failure = run.failure ?? serviceFailure(service);
  // That few rows can't tell is no failure.
  const failed = run.checks.filter(check => check.outcome !== 'pass' && (!check.segment || check.outcome === 'fail'));
  const checks = run.checks.filter(check => !check.segment).length;
  const telling = { key, number, label: text, status, at: null, cells: 0, seconds, path, pathNote, reused };
  return { ...telling, checks, failed, metrics, failure, problem: segments?.problem ?? null, service };
}

/** How the service differs from a run that ended well by itself, as it is told while the runs are made. */
function serviceFailure(service: ServiceOutcome | null): Failure | null {
  if (service?.status !== 'fail') {
    return null;
  }
  const { failure, divergence, reason, project } = service;
  if (failure) {
    return { ...failure, what: `the service could not be trained: ${failure.what}` };
  }
  const column = divergence?.column ? `, column ${divergence.column}` : '';
  return {
    what: `the service does not answer as the notebook: ${reason}`,
    where: '',
    cell: divergence?.span.cell ?? 0,
    line: divergence?.span.line ?? 0,
    why: divergence ? `both part at \`${divergence.text}\`${column}` : '',
    fix: `build again; where that changes nothing, see what somebody edited in ${project}: nb2svc diff`,
    details: ''
  };
}

/** How the service stood to the runs, the worst first: in how many, and why in the first of them. */
export interface IServiceCount {
  readonly status: ServiceOutcome['status'];
  readonly runs: number;
  readonly reason: string;
}

export function serviceCounts(outcomes: readonly ServiceOutcome[]): IServiceCount[] {
  return (['fail', 'not_evaluated', 'warn', 'pass'] as const).flatMap(status => {
    const found = outcomes.filter(each => each.status === status);
    return found.length > 0 ? [{ status, runs: found.length, reason: found.find(each => each.reason)?.reason ?? '' }] : [];
  });
}

/** The parameters that tell runs apart, as the command line has it. */
export function varying(specs: readonly RunSpec[]): ReadonlySet<string> {
  const values = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  for (const spec of specs) {
    for (const each of spec.parameters) {
      values.set(each.name, (values.get(each.name) ?? new Set()).add(shown(each)));
      counts.set(each.name, (counts.get(each.name) ?? 0) + 1);
    }
  }
  return new Set([...values].flatMap(([name, found]) => (found.size > 1 || counts.get(name) !== specs.length ? [name] : [])));
}

function shown(parameter: RunSpec['parameters'][number]): string {
  return parameter.secret ? `env:${parameter.secret}` : parameter.value;
}

/** A run in a line, by what tells it from the others; "" where nothing does. */
export function label(spec: RunSpec, names: ReadonlySet<string>): string {
  return [
    ...(spec.case ? [spec.case] : []),
    ...spec.parameters.flatMap(each => (names.has(each.name) ? [`${each.name}=${shown(each)}`] : [])),
    ...(spec.repeat > 1 ? [`#${spec.repeat}`] : []),
    ...(spec.segment ? [spec.segment] : [])
  ].join(' ');
}

/** Which runs are listed. */
export type RunFilter = 'all' | 'bad';

/** Those that are not well first, then those that run, then the others; each in their order. */
export function listed(runs: readonly IRun[], filter: RunFilter): IRun[] {
  const rank = (run: IRun) => (isBad(run) ? 0 : run.status === 'running' ? 1 : 2);
  const found = filter === 'bad' ? runs.filter(isBad) : [...runs];
  return found.sort((first, second) => rank(first) - rank(second) || first.number - second.number);
}

/** Runs under their state; one group without a state where they are few enough to look through as they are. */
export interface IRunGroup {
  readonly status: RunState | null;
  readonly runs: readonly IRun[];
}

/** So many can be looked through without more order. */
export const FEW = 50;

const ORDER: readonly RunState[] = ['failed', 'error', 'timeout', 'died', 'running', 'ok', 'not_run'];

/** What is listed: of many runs those of each state together, those that are not well first. */
export function grouped(runs: readonly IRun[], filter: RunFilter): IRunGroup[] {
  const found = listed(runs, filter);
  if (found.length <= FEW) {
    return [{ status: null, runs: found }];
  }
  return ORDER.flatMap(status => {
    const those = found.filter(run => run.status === status);
    return those.length > 0 ? [{ status, runs: those }] : [];
  });
}

/** The last of 1, 2, 5, 10, 20, 50, … that a count reached: what grows fast is read aloud a few times, not each time. */
export function reached(count: number): number {
  const scale = 10 ** Math.floor(Math.log10(count));
  return scale * (count >= 5 * scale ? 5 : count >= 2 * scale ? 2 : 1);
}

/** The names of the metrics that runs told, without those of segments. */
export function metricNames(runs: readonly IRun[]): string[] {
  return [...new Set(runs.flatMap(run => run.metrics.filter(metric => !metric.segment).map(metric => metric.name)))];
}

/** What is known of all of them while they are made. */
export interface IProgress {
  readonly done: number;
  readonly total: number;
  readonly bad: number;
  /** About how many seconds all of them will still take; null where nobody knows yet. */
  readonly left: number | null;
}

/** How far the events say it is; `seconds` is how long the job has been running by now. Null before the first run was told. */
export function progressOf(events: readonly IJobEvent[], seconds: number): IProgress | null {
  const last = events.filter(event => event.total !== undefined).pop();
  if (last?.total === undefined) {
    return null;
  }
  const { done = 0, total, left } = last;
  const rest = left === undefined ? null : Math.max(0, left - (seconds - last.seconds));
  return { done, total, bad: runsTold(events).filter(isBad).length, left: rest };
}

/** The first place of a run to look at: where a check failed, or where it stopped; null where there is none. */
export function placeOf(run: Pick<IRun, 'failed' | 'failure'>): { readonly cell: number; readonly line: number } | null {
  const failed = run.failed.find(check => check.outcome === 'fail' || check.outcome === 'error');
  const found = run.failure?.cell ? run.failure : failed;
  return found?.cell ? { cell: found.cell, line: Math.max(1, found.line) } : null;
}

/** A number as a table shows it: four digits that count. */
export function numberText(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(4)));
}
