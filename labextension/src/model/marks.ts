/** What a person says of one statement, in a comment at the end of its line: `# nb2svc: drop`, `# nb2svc: keep`. */

import type { IFix, ISpan } from './documents';

export type MarkRole = 'keep' | 'drop';

export interface IMark {
  /** What is said of the statement, or null. */
  readonly said: MarkRole | null;
  /** The fix that says otherwise of it: leave it out, keep it, or take back what was said. Null where no line end is its own. */
  readonly change: IFix | null;
}

const MARK = /\s*#\s*\|?\s*nb2svc\s*:\s*(keep|drop)\s*$/;
// A statement that opens a block is marked where it does.
const OPENS = /^(?:@|(?:async\s+)?(?:def|class|for|while|if|with|try|match)\b)/;

/** The mark of a statement of a cell with this source, and how it can be changed; `wish` is what a new mark would say. */
export function markOf(source: string, span: ISpan, wish: MarkRole): IMark {
  const lines = source.split(/\r\n|\r|\n/);
  const own = OPENS.test((lines[span.line - 1] ?? '').slice(span.column)) ? [span.line] : [span.end_line, span.line];
  for (const number of own) {
    const line = lines[number - 1] ?? '';
    const found = MARK.exec(line);
    if (found) {
      return { said: found[1] as MarkRole, change: edit(span.cell, number, found.index, line.length, '') };
    }
  }
  const last = lines[(own[0] ?? 1) - 1] ?? '';
  // The line goes on, or a second statement stands on it.
  const isOpen = own[0] === span.line && own.length === 1 ? !/:\s*(?:#.*)?$/.test(last) : /[;\\]\s*$/.test(last);
  return {
    said: null,
    change: isOpen ? null : edit(span.cell, own[0] ?? span.line, last.length, last.length, `  # nb2svc: ${wish}`)
  };
}

function edit(cell: number, line: number, column: number, endColumn: number, text: string): IFix {
  return {
    title: '',
    edits: [{ cell, line, column, end_line: line, end_column: endColumn, text }],
    metadata: [],
    choice: false
  };
}
