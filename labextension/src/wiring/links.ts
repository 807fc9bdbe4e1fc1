/** The links to cells in what nb2svc shows in a notebook's outputs: a page follows them by itself, JupyterLab does not. */

import type { INotebookTracker } from '@jupyterlab/notebook';

const LINK = ".nb2svc-readiness a[href^='#cell-id='], .nb2svc-told a[href^='#cell-id=']";

/** Lead a click on such a link to the cell of its notebook. */
export function followCellLinks(tracker: INotebookTracker): void {
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(LINK) : null;
    const notebook = link && tracker.find(panel => panel.node.contains(link));
    if (!link || !notebook) {
      return;
    }
    event.preventDefault();
    const id = decodeURIComponent(link.hash.replace('#cell-id=', ''));
    const index = notebook.content.widgets.findIndex(cell => cell.model.id === id);
    if (index >= 0) {
      notebook.content.deselectAll();
      notebook.content.activeCellIndex = index;
      void notebook.content.scrollToItem(index, 'smart');
    }
  });
}
