/** What an analysis says of the service, as plain values that the view shows. */

import type { Role } from './directive';
import type {
  IAnalysis,
  ICell,
  IChoice,
  ILink,
  IPromise,
  IPromisedColumn,
  ISpan,
  IStatement,
  Scalar,
  Standing
} from './documents';
import { markOf, type IMark, type MarkRole } from './marks';
import { firstLine } from './summary';

/** A statement that is in or out of the service, and why. */
export interface ILine {
  readonly span: ISpan;
  readonly source: string;
  readonly reason: string;
  readonly mark: IMark;
}

/** The statements of one cell that share a fate; `role` is the cell's, and `whole` says that all of the cell has it. */
export interface ILineGroup {
  readonly cell: number;
  readonly role: Role | null;
  readonly whole: boolean;
  readonly lines: readonly ILine[];
}

export interface ICheck {
  readonly name: string;
  readonly cell: number;
  /** Why a build can't evaluate it; "" where it can. */
  readonly why: string;
}

/** What one request carries, what is made of it, and what answers. */
export interface IContract {
  readonly promise: IPromise;
  readonly model: { readonly name: string; readonly type: string; readonly span: ISpan };
  readonly answer: { readonly text: string; readonly span: ISpan };
  readonly features: { readonly text: string; readonly span: ISpan };
  readonly checks: readonly ICheck[];
  readonly served: readonly ILineGroup[];
  readonly leftOut: readonly ILineGroup[];
}

/** The contract, or null where the notebook can't be compiled yet. */
export function contractOf(analysis: IAnalysis): IContract | null {
  const { outline, dataflow, contract } = analysis;
  if (!outline || !dataflow || !contract) {
    return null;
  }
  const at = (number: number): IStatement => {
    const statement = dataflow.statements[number];
    if (!statement) {
      throw new Error(`the analysis has no statement ${number}`);
    }
    return statement;
  };
  const why = new Map(outline.serving.reasons.map(each => [each.statement, each.text]));
  const served = outline.serving.statements.map(number => ({ at: at(number), reason: why.get(number) ?? '' }));
  const leftOut = (analysis.left_out ?? []).map(each => ({ at: at(each.statement), reason: each.text }));
  const cells = new Map(analysis.notebook?.cells.map(cell => [cell.number, cell]));
  const { model } = outline;
  const call = `${model.estimator}.${model.method}(…)`;
  const accounts = new Map(analysis.checks?.map(each => [each.cell, each.why]));
  return {
    promise: contract,
    model: { name: model.estimator, type: contract.estimator_type, span: at(model.fit).span },
    answer: { text: model.output ? `${model.output} = ${call}` : call, span: at(model.output_statement).span },
    features: { text: contract.feature_text, span: at(model.fit).span },
    checks: outline.checks.map(({ name, cell }) => ({ name, cell, why: accounts.get(cell) ?? '' })),
    served: grouped(served, new Set(leftOut.map(each => each.at.span.cell)), cells, 'drop'),
    // What only training or a check needs is no mistake of the dataflow.
    leftOut: grouped(
      leftOut,
      new Set(analysis.standings?.filter(each => each.standing !== 'out').map(each => each.cell)),
      cells,
      'keep'
    )
  };
}

/** What is said of a column beside its name: its type, and what training saw in it. */
export function columnText(column: IPromisedColumn): string {
  if (column.categories > 0 && column.seen.length > 0) {
    const more = column.categories > column.seen.length ? ', …' : '';
    return `${column.kind}: ${column.seen.map(shown).join(', ')}${more}`;
  }
  return column.low === null ? column.kind : `${column.kind} ${shown(column.low)} … ${shown(column.high)}`;
}

/** A value as it is told: a moment at midnight is a day. */
export function shown(value: Scalar): string {
  return String(value).replace(/[T ]00:00:00(\.0+)?$/, '');
}

/** The names that a text has commas between; none for "". */
export function namesIn(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** What is wrong with a value that a person writes for an option: "" nothing, or the kind of fault. */
export function fault(choice: IChoice, value: string): '' | 'empty' | 'unknown' {
  const names = choice.kind === 'columns' ? namesIn(value) : [value.trim()].filter(name => name !== '');
  if (names.length === 0) {
    return 'empty';
  }
  const known = choice.candidates;
  return known.length > 0 && names.some(name => !known.includes(name)) ? 'unknown' : '';
}

/** The links with the cells' numbers as they are on the screen: cells may have moved since the analysis. */
export function renumbered(links: readonly ILink[], numbers: ReadonlyMap<number, number>): ILink[] {
  return links.flatMap(({ source, target, names }) => {
    const [from, to] = [numbers.get(source), numbers.get(target)];
    return from !== undefined && to !== undefined && from < to ? [{ source: from, target: to, names }] : [];
  });
}

/** What each cell is for the service, by its id. */
export function standingsOf(analysis: IAnalysis | null): ReadonlyMap<string, { standing: Standing; pulled: boolean }> {
  const cells = analysis?.notebook?.cells ?? [];
  return new Map(
    (analysis?.standings ?? []).flatMap(({ cell, standing, pulled }) => {
      const id = cells[cell - 1]?.id;
      return id === undefined ? [] : [[id, { standing, pulled }] as const];
    })
  );
}

function grouped(
  found: readonly { readonly at: IStatement; readonly reason: string }[],
  elsewhere: ReadonlySet<number>,
  cells: ReadonlyMap<number, ICell>,
  wish: MarkRole
): ILineGroup[] {
  const groups = new Map<number, ILine[]>();
  for (const { at, reason } of found) {
    const lines = groups.get(at.span.cell) ?? [];
    const mark = markOf(cells.get(at.span.cell)?.source ?? '', at.span, wish);
    lines.push({ span: at.span, source: firstLine(at.source), reason, mark });
    groups.set(at.span.cell, lines);
  }
  return [...groups].map(([cell, lines]) => ({
    cell,
    lines,
    role: cells.get(cell)?.directive?.role ?? null,
    whole: !elsewhere.has(cell)
  }));
}
