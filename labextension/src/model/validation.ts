/** The form of a validation: what a person may say of it, what the server is asked, and what one types for the same. */

import type { OfferedParameter } from './schema';
import { asPath, commandLine } from './shell';

/** What runs get of a parameter: one value in all of them, or many in turn; without a text the notebook's own. */
export interface IField {
  readonly kind: 'value' | 'grid';
  readonly text: string;
}

export interface IValidationForm {
  /** By the names of parameters: no plain object, which knows `constructor` before anybody names it. */
  readonly fields: ReadonlyMap<string, IField>;
  /** A file of cases, as the server calls it. */
  readonly matrix: string;
  readonly repeat: string;
  readonly jobs: string;
  readonly timeout: string;
  readonly fresh: boolean;
  readonly fork: boolean;
  readonly reuse: boolean;
  /** Columns, with commas between. */
  readonly segments: string;
  /** "", "last", or a file. */
  readonly baseline: string;
  /** NAME=NUMBER, one a line. */
  readonly margins: string;
  /** Names, one a line. */
  readonly lower: string;
  readonly higher: string;
  /** The validation of what is in service: a file, or one in a revision of git; "" for no gate. */
  readonly champion: string;
  /** Whether the champion may have read other files. */
  readonly otherData: boolean;
  /** Whether the built service is asked, too; `project` is "" for the newest. */
  readonly service: boolean;
  readonly project: string;
}

export const DEFAULTS: IValidationForm = {
  fields: new Map(),
  matrix: '',
  repeat: '',
  jobs: '',
  timeout: '',
  fresh: false,
  fork: true,
  reuse: true,
  segments: '',
  baseline: '',
  margins: '',
  lower: '',
  higher: '',
  champion: '',
  otherData: false,
  service: false,
  project: ''
};

/** The options as the server's table of jobs has them: what is as it is by itself is left out. */
export interface IValidationOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly grid?: Readonly<Record<string, string>>;
  readonly matrix?: string;
  readonly repeat?: string;
  readonly jobs?: string;
  readonly timeout?: string;
  readonly fresh?: boolean;
  readonly baseline?: string;
  readonly margins?: Readonly<Record<string, string>>;
  readonly lower?: readonly string[];
  readonly higher?: readonly string[];
  readonly segments?: readonly string[];
  readonly gate?: { readonly champion?: string };
  readonly other_data?: boolean;
  readonly fork?: boolean;
  readonly reuse?: boolean;
  readonly service?: boolean;
  readonly project?: string;
}

const RANGE = /^\s*-?\d+\.\.-?\d+\s*$/;

/** A field after somebody typed: what can't be one value of that kind (`1..10`, a list for a number) is many. */
export function typed(field: IField, text: string, parameter: Pick<OfferedParameter, 'kind'>): IField {
  const isPlain = parameter.kind === 'int' || parameter.kind === 'float' || parameter.kind === 'bool';
  return { kind: isPlain && (RANGE.test(text) || text.trimStart().startsWith('[')) ? 'grid' : field.kind, text };
}

/** What is given of a parameter that nobody said anything of. */
export const UNSAID: IField = { kind: 'value', text: '' };

export function asked(form: IValidationForm): IValidationOptions {
  const of = (kind: IField['kind']) =>
    Object.fromEntries(
      [...form.fields].flatMap(([name, field]) => (isSaid(field) && field.kind === kind ? [[name, field.text]] : []))
    );
  const margins = Object.fromEntries(marginsOf(form.margins));
  const names = { lower: lines(form.lower), higher: lines(form.higher), segments: lines(form.segments.replaceAll(',', '\n')) };
  const texts = { matrix: form.matrix, repeat: form.repeat, jobs: form.jobs, timeout: form.timeout, baseline: form.baseline };
  const said = Object.entries(texts).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()] as const]));
  return {
    ...withSome('parameters', of('value')),
    ...withSome('grid', of('grid')),
    ...Object.fromEntries(said),
    ...(form.fresh ? { fresh: true } : {}),
    ...withSome('margins', margins),
    ...Object.fromEntries(Object.entries(names).filter(([, each]) => each.length > 0)),
    ...gateOf(form),
    ...(form.fork ? {} : { fork: false }),
    ...(form.reuse ? {} : { reuse: false }),
    ...(form.service ? { service: true, ...(form.project.trim() ? { project: form.project.trim() } : {}) } : {})
  };
}

/** Without a champion there is no gate that other files could be let through. */
function gateOf(form: IValidationForm): IValidationOptions {
  const champion = form.champion.trim();
  return champion === '' ? {} : { gate: { champion }, ...(form.otherData ? { other_data: true } : {}) };
}

/** What a person would type in the server's folder, in the order in which the server's table has the options. */
export function validationLine(path: string, options: IValidationOptions): string {
  const pairs = (flag: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).flatMap(([name, text]) => [flag, `${name}=${text}`]);
  const text = (flag: string, value: string | undefined) => (value === undefined ? [] : [`${flag}=${value}`]);
  return commandLine(
    'validate',
    asPath(path),
    ...pairs('-p', options.parameters),
    ...pairs('--grid', options.grid),
    ...text('--matrix', options.matrix),
    ...text('--repeat', options.repeat),
    ...text('--jobs', options.jobs),
    ...text('--timeout', options.timeout),
    ...(options.fresh ? ['--fresh'] : []),
    ...text('--baseline', options.baseline),
    ...Object.entries(options.margins ?? {}).map(([name, number]) => `--margin=${name}=${number}`),
    ...(options.lower ?? []).map(name => `--lower-is-better=${name}`),
    ...(options.higher ?? []).map(name => `--higher-is-better=${name}`),
    ...pairs('--gate', options.gate),
    ...(options.other_data ? ['--other-data'] : []),
    ...(options.segments ?? []).map(name => `--segments=${name}`),
    ...(options.fork === false ? ['--no-fork'] : []),
    ...(options.reuse === false ? ['--no-reuse'] : []),
    ...(options.service ? ['--service'] : []),
    ...text('--project', options.project)
  );
}

/** The form that says the same as the options of a job. */
export function formOf(options: IValidationOptions): IValidationForm {
  const fields = (values: Readonly<Record<string, string>> = {}, kind: IField['kind']) =>
    Object.entries(values).map(([name, text]) => [name, { kind, text }] as const);
  return {
    fields: new Map([...fields(options.parameters, 'value'), ...fields(options.grid, 'grid')]),
    matrix: options.matrix ?? '',
    repeat: options.repeat ?? '',
    jobs: options.jobs ?? '',
    timeout: options.timeout ?? '',
    fresh: options.fresh ?? false,
    baseline: options.baseline ?? '',
    margins: Object.entries(options.margins ?? {})
      .map(([name, number]) => `${name}=${number}`)
      .join('\n'),
    lower: (options.lower ?? []).join('\n'),
    higher: (options.higher ?? []).join('\n'),
    segments: (options.segments ?? []).join(', '),
    fork: options.fork ?? true,
    reuse: options.reuse ?? true,
    champion: options.gate?.champion ?? '',
    otherData: options.other_data ?? false,
    service: options.service ?? false,
    project: options.project ?? ''
  };
}

/** Where an error of the command has its place in the form; null where in none: `--grid seed` → `grid.seed`. */
export function fieldOf(where: string, options: IValidationOptions): string | null {
  // `--matrix, case small:`, `cases.yaml, line 3`.
  const { matrix, service } = options;
  if (matrix !== undefined && (where.startsWith('--matrix') || where.startsWith(fileName(matrix)))) {
    return 'matrix';
  }
  const [, flag = '', rest = ''] = /^(-p|--[a-z-]+)(?:[ =](.*))?$/s.exec(where) ?? [];
  if (flag === '-p' || flag === '--grid') {
    return `${flag === '-p' ? 'parameters' : 'grid'}.${rest.replace(/=.*$/s, '')}`;
  }
  if (flag === '--margin') {
    return `margins.${rest.replace(/=[^=]*$/s, '')}`;
  }
  const variable = /^env:(\w+)$/.exec(where)?.[0];
  if (variable !== undefined) {
    const name = Object.entries(options.parameters ?? {}).find(([, text]) => text === variable)?.[0];
    return name === undefined ? null : `parameters.${name}`;
  }
  const plain: Readonly<Record<string, string>> = {
    '--baseline': 'baseline',
    '--gate': 'gate.champion',
    '--other-data': 'gate.champion',
    '--service': 'service',
    '--project': 'service',
    '--repeat': 'repeat',
    '--jobs': 'jobs',
    '--timeout': 'timeout',
    '--lower-is-better': 'lower',
    '--segments': 'segments'
  };
  return plain[flag] ?? (service && options.project !== undefined && where === options.project ? 'service' : null);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isSaid(field: IField): boolean {
  return field.text.trim() !== '';
}

function withSome(name: string, values: Readonly<Record<string, string>>): Record<string, Readonly<Record<string, string>>> {
  return Object.keys(values).length > 0 ? { [name]: values } : {};
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map(each => each.trim())
    .filter(each => each !== '');
}

/** A line without a number is given as it is: the server says what is wrong with it. */
function marginsOf(text: string): (readonly [string, string])[] {
  return lines(text).map(line => {
    const at = line.lastIndexOf('=');
    return at < 0 ? ([line, ''] as const) : ([line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  });
}
