/** What is shown beside a notebook: in JupyterLab a tab, in Notebook, whose window holds one notebook and nothing else, a sidebar. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

/** Put the widget beside the current notebook unless it is somewhere already, and show it. */
export function showBeside(shell: JupyterFrontEnd.IShell, tracker: INotebookTracker, widget: Widget): void {
  if (!widget.isAttached) {
    const notebook = tracker.currentWidget?.id;
    shell.add(widget, 'main', { mode: 'split-right', activate: false, ...(notebook === undefined ? {} : { ref: notebook }) });
  }
  // Notebook's shell drops a second widget of its main area without a word. Its right sidebar is the panel's.
  if (!widget.isAttached) {
    shell.add(widget, 'left');
  }
  shell.activateById(widget.id);
}
