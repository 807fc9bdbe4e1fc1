/** What an analysis means for each cell and for the service, as plain values that the view shows. */

import type { IAnalysis, IFinding, ISpan, IStatement } from './documents';

export type CellState = 'ok' | 'warning' | 'refused' | 'stale';

/** A statement that is in or out of the service, and why. */
export interface ILine {
  readonly span: ISpan;
  readonly source: string;
  readonly reason: string;
}

/** What one request carries, what is made of it, and what answers. */
export interface IContract {
  readonly request: readonly { readonly name: string; readonly span: ISpan }[];
  readonly model: { readonly name: string; readonly span: ISpan };
  readonly answer: { readonly text: string; readonly span: ISpan };
  readonly checks: readonly { readonly name: string; readonly cell: number; readonly serve: boolean }[];
  readonly served: readonly ILine[];
  readonly leftOut: readonly ILine[];
}

/** The findings of one code cell, by its number. */
export function findingsOf(analysis: IAnalysis, cell: number): IFinding[] {
  return analysis.findings.filter(finding => finding.span?.cell === cell);
}

/** The state that a cell's findings give it. */
export function stateOf(findings: readonly IFinding[]): CellState {
  if (findings.some(finding => finding.severity === 'refusal')) {
    return 'refused';
  }
  return findings.some(finding => finding.severity === 'warning') ? 'warning' : 'ok';
}

/** Whether somebody tagged a cell; a tag that can't be read is an attempt, whose finding says so. */
export function isTagged(roles: readonly unknown[], analysis: IAnalysis | null): boolean {
  const tried = analysis?.findings.some(finding => finding.code.startsWith('NB10') && finding.severity === 'refusal') ?? false;
  return tried || roles.some(role => role !== null);
}

/** What is told of a cell beside its place in the list: that no cell is tagged is told above it. */
export function isTold(finding: IFinding): boolean {
  return finding.severity !== 'info' && finding.code !== 'NB201';
}

/** The contract, or null where the notebook can't be compiled yet. */
export function contractOf(analysis: IAnalysis): IContract | null {
  const { outline, dataflow } = analysis;
  if (!outline || !dataflow) {
    return null;
  }
  const at = (number: number): IStatement => {
    const statement = dataflow.statements[number];
    if (!statement) {
      throw new Error(`the analysis has no statement ${number}`);
    }
    return statement;
  };
  const line = (number: number, reason: string): ILine => {
    const { span, source } = at(number);
    return { span, source: firstLine(source), reason };
  };
  const why = new Map(outline.serving.reasons.map(each => [each.statement, each.text]));
  const { model } = outline;
  const call = `${model.estimator}.${model.method}(…)`;
  return {
    request: outline.raws.map(raw => ({ name: raw.name, span: at(raw.statement).span })),
    model: { name: model.estimator, span: at(model.fit).span },
    answer: { text: model.output ? `${model.output} = ${call}` : call, span: at(model.output_statement).span },
    checks: outline.checks,
    served: outline.serving.statements.map(number => line(number, why.get(number) ?? '')),
    leftOut: (analysis.left_out ?? []).map(each => line(each.statement, each.text))
  };
}

/** The first line of a statement, with … where it has more. */
export function firstLine(source: string): string {
  const [first = '', ...more] = source.trim().split('\n');
  return more.length > 0 ? `${first} …` : first;
}
