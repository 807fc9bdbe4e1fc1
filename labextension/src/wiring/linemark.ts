/** A bar over lines of a cell in the notebook, while they are looked at elsewhere. */

import type { Cell } from '@jupyterlab/cells';

import type { ISpan } from '../model/documents';

export class LineMark {
  /** Mark the lines of a span in an editor; without one nothing is marked any more. */
  show(editor: Cell['editor'], span: ISpan | null): void {
    this.bar.remove();
    if (!editor || !span) {
      return;
    }
    const lines = editor.lineCount;
    if (span.line > lines) {
      return;
    }
    const box = editor.host.getBoundingClientRect();
    const first = editor.getCoordinateForPosition({ line: span.line - 1, column: 0 });
    const last = editor.getCoordinateForPosition({ line: Math.min(span.end_line, lines) - 1, column: 0 });
    if (!first || !last) {
      return;
    }
    this.bar.style.top = `${first.top - box.top}px`;
    this.bar.style.height = `${last.bottom - first.top}px`;
    editor.host.append(this.bar);
  }

  private readonly bar = Object.assign(document.createElement('div'), { className: 'nb2svc-LineMark', ariaHidden: 'true' });
}
