/** What an analysis means for each cell and for the service, as plain values that the view shows. */

import type { IAnalysis, IFinding } from './documents';

export type CellState = 'ok' | 'warning' | 'refused' | 'stale';

/** The findings of each code cell that has some, by its number. */
export function findingsByCell(analysis: IAnalysis): ReadonlyMap<number, readonly IFinding[]> {
  const found = new Map<number, IFinding[]>();
  for (const finding of analysis.findings) {
    if (finding.span) {
      found.set(finding.span.cell, [...(found.get(finding.span.cell) ?? []), finding]);
    }
  }
  return found;
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

/** The first line of a cell that says something: no directive, comment or magic, and no import where there is another. */
export function telling(source: string): string {
  const lines = source.split('\n').map(line => line.trim());
  const code = lines.filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('%%'));
  return code.find(line => !/^(import|from)\s/.test(line)) ?? code[0] ?? lines.find(line => line !== '') ?? '';
}
