/**
 * What the compiler offers to mend: where it stands in a cell's text, and the text and metadata afterwards.
 *
 * Its columns count characters, as Python does; a text of JavaScript counts UTF-16 units, so each place is converted.
 */

import type { IAnalysis, IEdit, IFinding, IFix, IRetag, ISpan, Severity } from './documents';

/** A piece of a text, in UTF-16 units. */
export interface IRange {
  readonly from: number;
  readonly to: number;
}

/** A change of a text. */
export interface IChange extends IRange {
  readonly text: string;
}

/** A finding at its place in a cell. */
export interface IInline extends IRange {
  readonly finding: IFinding;
}

/** Where a span stands in a text; null where it has no such lines. */
export function rangeOf(text: string, span: Omit<ISpan, 'cell'>): IRange | null {
  const from = offset(text, span.line, span.column);
  const to = offset(text, span.end_line, span.end_column);
  return from === null || to === null ? null : { from: Math.min(from, to), to: Math.max(from, to) };
}

/** The changes that edits of one cell make in its text, the last first, so that each leaves the places of the next. */
export function changesOf(text: string, edits: readonly IEdit[]): IChange[] | null {
  const changes = edits.map(edit => {
    const range = rangeOf(text, edit);
    return range && { ...range, text: edit.text };
  });
  return changes.some(change => change === null)
    ? null
    : changes.filter(change => change !== null).sort((one, other) => other.from - one.from || other.to - one.to);
}

/** The findings of a cell at their places, as it was analysed: null where its text is another one by now. */
export function inlineOf(analysis: IAnalysis, id: string, text: string): IInline[] | null {
  const cell = analysis.notebook?.cells.find(each => each.id === id);
  if (!cell || cell.source !== text) {
    return null;
  }
  return analysis.findings.flatMap(finding => {
    const range = finding.span?.cell === cell.number ? rangeOf(text, finding.span) : null;
    return range ? [{ ...visible(text, range), finding }] : [];
  });
}

/** What of a cell a fix can change. */
export interface IMendable {
  readonly source: string;
  readonly tags: readonly string[];
}

/** Whether what a fix changes is as it was analysed; `cellOf` gives a cell as it is now, by its id. */
export function fits(fix: IFix, analysis: IAnalysis, cellOf: (id: string) => IMendable | undefined): boolean {
  const cells = analysis.notebook?.cells ?? [];
  const isThere = (edit: IEdit) => {
    const analysed = cells[edit.cell - 1];
    const source = analysed && cellOf(analysed.id)?.source;
    return source !== undefined && source === analysed?.source && rangeOf(source, edit) !== null;
  };
  const hasTags = (retag: IRetag) => {
    const tags = cellOf(retag.cell)?.tags;
    return tags !== undefined && retag.remove.every(tag => tags.includes(tag));
  };
  return fix.edits.every(isThere) && fix.metadata.every(hasTags);
}

/** What "Fix all" makes: the fixes that nobody has to choose, without those that meet another one. */
export function withoutChoice(findings: readonly IFinding[]): IFix[] {
  const chosen: IFix[] = [];
  for (const { fixes } of findings) {
    const [only, ...others] = fixes;
    if (only && others.length === 0 && !only.choice && !chosen.some(other => meet(only, other))) {
      chosen.push(only);
    }
  }
  return chosen;
}

/** A cell's tags with a change. */
export function retagged(tags: readonly string[], retag: IRetag): string[] {
  const [added, ...more] = retag.add;
  const [gone, ...others] = retag.remove;
  if (added !== undefined && gone !== undefined && more.length + others.length === 0 && tags.includes(gone)) {
    return tags.map(tag => (tag === gone ? added : tag));
  }
  const left = tags.filter(tag => !retag.remove.includes(tag));
  return [...left, ...retag.add.filter(tag => !left.includes(tag))];
}

/** `metadata.nb2svc` with the change that a fix has for it; undefined where nothing is left. */
export function settled(settings: unknown, retag: IRetag): unknown {
  if (retag.settings === '') {
    return settings;
  }
  const after = merged(settings, JSON.parse(retag.settings) as unknown);
  return isObject(after) && Object.keys(after).length > 0 ? after : undefined;
}

/** The severity in the words of the editor. */
export function severityOf(severity: Severity): 'error' | 'warning' | 'info' {
  return severity === 'refusal' ? 'error' : severity;
}

/** Running text and code of a finding's page, in turn: its code is indented by four. */
export function blocksOf(text: string): { readonly isCode: boolean; readonly text: string }[] {
  const blocks: { isCode: boolean; lines: string[] }[] = [];
  for (const line of text.replace(/^\n+|\s+$/g, '').split('\n')) {
    const last = blocks[blocks.length - 1];
    const isCode = line.startsWith('    ') || (line.trim() === '' && last?.isCode === true);
    if (last?.isCode === isCode) {
      last.lines.push(line);
    } else {
      blocks.push({ isCode, lines: [line] });
    }
  }
  return blocks
    .map(({ isCode, lines }) => ({
      isCode,
      text: isCode
        ? lines
            .map(line => line.slice(4))
            .join('\n')
            .trimEnd()
        : lines.join(' ').replace(/\s+/g, ' ').trim()
    }))
    .filter(block => block.text !== '');
}

/** JSON Merge Patch, RFC 7396. */
function merged(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return patch;
  }
  const after: Record<string, unknown> = isObject(value) ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a key of somebody's metadata
      delete after[key];
    } else {
      after[key] = merged(after[key], change);
    }
  }
  return after;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function offset(text: string, line: number, column: number): number | null {
  const lines = text.split('\n');
  const own = lines[line - 1];
  if (own === undefined) {
    return null;
  }
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return before + Array.from(own).slice(0, column).join('').length;
}

/** A place between two characters has nothing to underline: the line, or the whole text, stands for it. */
function visible(text: string, range: IRange): IRange {
  if (range.to > range.from) {
    return range;
  }
  const end = text.indexOf('\n', range.from);
  const to = end < 0 ? text.length : end;
  const from = to > range.from ? range.from : text.lastIndexOf('\n', range.from - 1) + 1;
  return { from, to };
}

function meet(one: IFix, other: IFix): boolean {
  const cells = new Set(other.metadata.map(retag => retag.cell));
  return (
    one.metadata.some(retag => cells.has(retag.cell)) ||
    one.edits.some(edit => other.edits.some(taken => edit.cell === taken.cell && overlap(edit, taken)))
  );
}

function overlap(one: IEdit, other: IEdit): boolean {
  const isBefore = (a: readonly [number, number], b: readonly [number, number]) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  return !(
    isBefore([one.end_line, one.end_column], [other.line, other.column]) ||
    isBefore([other.end_line, other.end_column], [one.line, one.column])
  );
}
