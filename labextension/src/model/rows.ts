/** Captured rows: what `nb2svc rows --format json` says, and a request that somebody edits. */

import { shown } from './contract';
import type { IProblem, ISpan } from './documents';
import type { CellIds } from './places';
import { commandLine, asPath } from './shell';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type IRequest = Readonly<Record<string, Json>>;

export interface IField {
  readonly name: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'string' | 'datetime' | 'any' | 'table';
  readonly nullable: boolean;
  readonly values: readonly Json[];
  readonly low: Json;
  readonly high: Json;
  readonly fields: readonly IField[];
}

export type Standing = 'predicted' | 'fitted' | 'otherwise' | 'dropped' | 'unused';

export interface IListedRow {
  readonly row: number;
  readonly values: IRequest;
  readonly standing: Standing;
  readonly notable: readonly string[];
  readonly notebook: Json;
}

export interface IProof {
  readonly divergence: { readonly span: ISpan; readonly column: string; readonly text: string } | null;
  readonly row: number | null;
}

interface IAnswered {
  readonly error: IProblem | null;
  /** False where no build of the notebook came as far as a proof. */
  readonly built?: boolean;
}

/** Whose rows they are. */
interface IOrigin {
  readonly notebook: string;
  readonly project: string;
  readonly cells: Readonly<Record<string, string>>;
  /** A server of an earlier version does not tell them. */
  readonly cell_ids?: CellIds;
  readonly note: string;
  readonly proof: IProof | null;
}

export interface IPage extends IOrigin {
  readonly total: number;
  readonly matching: number;
  readonly offset: number;
  readonly rows: readonly IListedRow[];
  readonly fields: readonly IField[];
}

/** One value of both sides; a side that is not there has none. `equal` is null where nothing is to be equal. */
export interface IValue {
  readonly name: string;
  readonly column: string;
  readonly notebook?: Json;
  readonly service?: Json;
  readonly equal: boolean | null;
  readonly changed: boolean;
}

export interface IStep {
  readonly statement: number;
  readonly cell: number;
  readonly line: number;
  readonly text: string;
  readonly file: string;
  readonly at: number;
  readonly values: readonly IValue[];
  readonly more: number;
  readonly as_before: number;
  readonly raised: string;
}

export interface IIssue {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface ITraced extends IOrigin {
  readonly row: number | null;
  readonly request: IRequest;
  readonly standing: Standing;
  readonly dropped: string;
  readonly nearest: {
    readonly row: number;
    readonly distance: number;
    readonly differs: readonly { readonly field: string; readonly captured?: Json; readonly here?: Json }[];
  } | null;
  readonly result: {
    readonly status: 'ok' | 'refer' | 'invalid';
    readonly prediction: Json;
    readonly probability?: Readonly<Record<string, number>> | null;
    readonly issues: readonly IIssue[];
  };
  readonly aside: boolean;
  readonly judged: boolean;
  readonly steps: readonly IStep[];
  readonly inputs: { readonly values: readonly IValue[]; readonly more: number };
  readonly answer: {
    readonly values: readonly IValue[];
    readonly source: '' | 'notebook' | 'model';
    readonly knife_edge: boolean;
  };
  readonly checks: readonly { readonly name: string; readonly where: string; readonly holds: boolean | null }[];
  readonly parting: { readonly statement: number | null; readonly name: string; readonly column: string } | null;
}

export type PageAnswer = IAnswered & Partial<IPage>;
export type TracedAnswer = IAnswered & Partial<ITraced>;

export function isPage(answer: PageAnswer): answer is IAnswered & IPage {
  return answer.rows !== undefined;
}

export function isTraced(answer: TracedAnswer): answer is IAnswered & ITraced {
  return answer.steps !== undefined;
}

/** What is listed when the next rows have come, or again the same. */
export function continued(before: IPage | null, next: IPage): IPage {
  return { ...next, rows: [...(before?.rows ?? []).slice(0, next.offset), ...next.rows] };
}

/** The row to look at first: where the proof failed, else one with an answer: a dropped row would only say why it has none. */
export function firstLooked(page: IPage): number | null {
  const answered = page.rows.find(each => each.standing !== 'dropped' && each.standing !== 'unused');
  return page.proof?.row ?? (answered ?? page.rows[0])?.row ?? null;
}

/** A value in few characters: 0.4166667, [1, 2], or the word for one that is missing. */
export function said(value: Json | undefined, missing: string): string {
  if (value === undefined) {
    return '—';
  }
  if (value === null) {
    return missing;
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
  }
  return typeof value === 'string' ? shown(value) : JSON.stringify(value);
}

/** What a text in a field means: a number, a moment or a text as its kind is; what is none of them stays a text. */
export function parsed(field: IField, text: string): Json {
  if (field.kind === 'string' || field.kind === 'datetime') {
    return text;
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** What stands in a field for a value. */
export function editable(value: Json | undefined): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** A value for a field that had none: the first category, the middle of the range. */
export function usual(field: IField): Json {
  if (field.kind === 'table') {
    return [];
  }
  const { low, high } = field;
  if (field.values.length > 0) {
    return field.values[0] ?? null;
  }
  if (field.kind === 'boolean') {
    return false;
  }
  if (typeof low === 'number' && typeof high === 'number') {
    return field.kind === 'integer' ? Math.round((low + high) / 2) : (low + high) / 2;
  }
  return typeof low === 'string' ? low : field.kind === 'string' ? '' : 0;
}

/** The rows of a child table in a request. */
export function childRows(request: IRequest, table: string): readonly IRequest[] {
  const rows = request[table];
  return Array.isArray(rows) ? (rows as readonly IRequest[]) : [];
}

/** Whether two values are the same JSON. */
export function isSame(one: Json | undefined, two: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

/** The fields that were edited. */
export function editedFields(before: IRequest, now: IRequest): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(name => !isSame(before[name], now[name]));
}

/** The command line that shows the same: `nb2svc rows loans.ipynb --row 17 --set income=missing`. */
export function rowsCommand(
  path: string,
  row: number | null,
  before: IRequest,
  now: IRequest,
  beside: 'nearest' | 'row'
): string {
  if (row === null) {
    return commandLine('rows', asPath(path));
  }
  const settings = editedFields(before, now).flatMap(name => {
    const value = now[name];
    return ['--set', `${name}=${value === null || value === undefined ? 'missing' : editable(value)}`];
  });
  const place = settings.length > 0 && beside === 'row' ? ['--beside', 'row'] : [];
  return commandLine('rows', asPath(path), '--row', String(row), ...settings, ...place);
}

/** Steps of one cell that follow each other. */
export interface IPart {
  readonly cell: number;
  readonly title: string;
  readonly steps: readonly IStep[];
}

/** The steps by the cells that they came from. */
export function partsOf(traced: ITraced): IPart[] {
  const parts: { cell: number; title: string; steps: IStep[] }[] = [];
  for (const step of traced.steps) {
    const last = parts[parts.length - 1];
    if (last?.cell === step.cell) {
      last.steps.push(step);
    } else {
      parts.push({ cell: step.cell, title: traced.cells[String(step.cell)] ?? '', steps: [step] });
    }
  }
  return parts;
}

/** How a pair of values stands: `differs` is a fault, `changed` what an edit did. */
export type Mark = 'equal' | 'differs' | 'changed' | 'same' | 'none';

export function markOf(value: IValue): Mark {
  if (value.equal !== null) {
    return value.equal ? 'equal' : 'differs';
  }
  if (value.changed) {
    return 'changed';
  }
  return value.notebook !== undefined && value.service !== undefined ? 'same' : 'none';
}

/** The step at which notebook and service part first, where it is a statement. */
export function partingStep(traced: ITraced): IStep | null {
  return traced.steps.find(step => step.statement === traced.parting?.statement) ?? null;
}
