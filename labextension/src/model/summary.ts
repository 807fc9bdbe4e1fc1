/** What an analysis means for each cell and for the service, as plain values that the view shows. */

import type { IAnalysis, IFinding } from './documents';

export type CellState = 'ok' | 'warning' | 'refused' | 'stale';

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

/** The first line of a statement, with … where it has more. */
export function firstLine(source: string): string {
  const [first = '', ...more] = source.trim().split('\n');
  return more.length > 0 ? `${first} …` : first;
}
