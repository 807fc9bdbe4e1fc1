/** What the events of a build mean: its stages with their states and times, what was printed, and how it ended. */

import type { IBuildDocument, IJob, IJobEvent } from './jobs';
import { hasEnded } from './jobs';
import { asPath, commandLine } from './shell';

export const STAGES = ['read', 'run', 'capture', 'generate', 'prove', 'package', 'readiness'] as const;
export type Stage = (typeof STAGES)[number];
export type StageState = 'waiting' | 'running' | 'ok' | 'failed' | 'stopped';

export interface IStage {
  readonly name: Stage;
  readonly state: StageState;
  /** What it is at, as the command line says it; "" where there is nothing to say. */
  readonly text: string;
  readonly done: number | null;
  readonly total: number | null;
  /** How long it took, or has been running; null where it did not begin. */
  readonly seconds: number | null;
}

/** The stages as they stand; `seconds` is how long the job has been running by now. */
export function stagesOf(events: readonly IJobEvent[], job: Pick<IJob, 'state'>, seconds: number): IStage[] {
  const last = new Map(events.filter(event => event.output === undefined).map(event => [event.stage, event]));
  const begin = STAGES.map(name => events.find(event => event.stage === name)?.seconds ?? null);
  const at = begin.reduce<number>((found, each, index) => (each === null ? found : index), -1);
  return STAGES.map((name, index) => {
    const began = begin[index] ?? null;
    const next = begin.slice(index + 1).find(each => each !== null) ?? seconds;
    const { text = '', done = null, total = null } = last.get(name) ?? {};
    return {
      name,
      text,
      done,
      total,
      state: stateOf(index, at, job),
      seconds: began === null ? null : Math.max(0, next - began)
    };
  });
}

function stateOf(index: number, at: number, job: Pick<IJob, 'state'>): StageState {
  if (job.state === 'done' || index < at) {
    return 'ok';
  }
  if (job.state === 'failed') {
    return index === Math.max(at, 0) ? 'failed' : 'waiting';
  }
  if (index > at) {
    return 'waiting';
  }
  return job.state === 'cancelled' ? 'stopped' : 'running';
}

const LINES = 400;
const OUTPUTS = 2000;

/** The events that are kept: all that tell of stages, and the last that hold output. */
export function keptOf(events: readonly IJobEvent[], limit = OUTPUTS): IJobEvent[] {
  let over = events.filter(event => event.output !== undefined).length - limit;
  return events.filter(event => event.output === undefined || --over < 0);
}

/** What was printed, as a terminal shows it: a carriage return begins its line again. The last lines only. */
export function outputOf(events: readonly IJobEvent[], limit = LINES): string {
  const text = events.map(event => event.output ?? '').join('');
  const lines = withoutColours(text.replaceAll('\r\n', '\n')).split('\n').slice(-limit);
  return lines.map(afterReturn).join('\n');
}

function afterReturn(line: string): string {
  const parts = line.split('\r').filter(part => part !== '');
  return parts[parts.length - 1] ?? '';
}

// Colours and movements of the cursor: ESC [ numbers letter.
function withoutColours(text: string): string {
  const [first = '', ...rest] = text.split('\u001b[');
  return first + rest.map(part => part.replace(/^[\d;?]*[A-Za-z]/, '')).join('');
}

/** How a build ended, for a sentence. */
export interface IOutcome {
  readonly kind: 'proved' | 'gate' | 'diverged' | 'refused' | 'failed' | 'cancelled';
  /** The values that are learned in training and remembered at serving. */
  readonly frozen: number;
  /** Of the rows that were replayed all at once: how many, and how many answered otherwise. */
  readonly rows: number;
  readonly different: number;
  readonly edges: number;
}

/** Null while it runs. */
export function outcomeOf(job: Pick<IJob, 'state' | 'exit_code' | 'document'>): IOutcome | null {
  if (!hasEnded(job)) {
    return null;
  }
  const { document } = job;
  return { kind: kindOf(job, document), frozen: document?.frozen?.length ?? 0, ...rowsOf(document) };
}

function kindOf(job: Pick<IJob, 'state' | 'exit_code'>, document: IBuildDocument | null): IOutcome['kind'] {
  if (job.state === 'done') {
    return job.exit_code === 0 ? 'proved' : 'gate';
  }
  if (job.state === 'cancelled') {
    return 'cancelled';
  }
  if (document?.verdict) {
    return 'diverged';
  }
  return document?.findings.some(finding => finding.severity === 'refusal') ? 'refused' : 'failed';
}

// The notebook's own answers, and what its model was given: each of all rows at once.
const WHOLE = new Set(['predictions', 'inputs']);

function rowsOf(document: IBuildDocument | null): Pick<IOutcome, 'rows' | 'different' | 'edges'> {
  const modes = document?.verdict?.modes ?? [];
  const rows = Math.max(0, ...modes.filter(mode => WHOLE.has(mode.name)).map(mode => mode.compared));
  const different = Math.max(0, ...modes.map(mode => mode.different));
  return { rows, different, edges: document?.verdict?.knife_edges.length ?? 0 };
}

/** What a person may say about a build in the panel. */
export interface IBuildOptions {
  /** NAME=VALUE, one a line. */
  readonly parameters: string;
  readonly fresh: boolean;
  readonly bento: boolean;
  readonly everyRow: boolean;
}

export const DEFAULTS: IBuildOptions = { parameters: '', fresh: false, bento: true, everyRow: false };

/** The parameters by their names, and the first line that is none. */
export function parametersOf(text: string): { readonly values: Record<string, string>; readonly wrong: string } {
  // No plain object, which knows `constructor` and more before anybody names them.
  const found = new Map<string, string>();
  const values = () => Object.fromEntries(found);
  for (const line of text.split('\n').map(each => each.trim())) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    if (line !== '' && (name === undefined || value === undefined || found.has(name))) {
      return { values: values(), wrong: line };
    }
    if (name !== undefined && value !== undefined) {
      found.set(name, value);
    }
  }
  return { values: values(), wrong: '' };
}

/** The options as the server takes them: what is as it is by itself is left out. */
export function asked(options: IBuildOptions): Record<string, unknown> {
  const { values } = parametersOf(options.parameters);
  return {
    ...(Object.keys(values).length > 0 ? { parameters: values } : {}),
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.bento ? {} : { bento: false }),
    ...(options.everyRow ? { parity: 'all' } : {})
  };
}

/** What a person would type, before there is a job. */
export function buildLine(path: string, options: IBuildOptions): string {
  const settings = Object.entries(parametersOf(options.parameters).values).flatMap(([name, value]) => ['-p', `${name}=${value}`]);
  const flags = [
    ...(options.fresh ? ['--fresh'] : []),
    ...(options.bento ? [] : ['--no-bento']),
    ...(options.everyRow ? ['--parity', 'all'] : [])
  ];
  return commandLine('build', asPath(path), ...settings, ...flags);
}
