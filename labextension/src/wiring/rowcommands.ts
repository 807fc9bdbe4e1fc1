/** The commands of the tab with captured rows. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { nb2svcIcon } from '../view/icon';
import { Rows } from '../view/rows';
import { showBeside } from './beside';
import type { IRowsApi } from './rows';
import { RowsModel } from './rows';

const BUILD = 'nb2svc:build';
const ARGUMENTS = {
  args: {
    type: 'object',
    properties: { failed: { type: 'boolean', description: 'A build’s proof has just failed: show the row in which it is seen' } }
  }
};

/** Make the tab and its command; the model follows the current notebook. */
export function addRows(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  api: IRowsApi,
  trans: TranslationBundle,
  palette: ICommandPalette | null
): RowsModel {
  const model = new RowsModel(api);
  let tab: Rows | null = null;
  const open = (): Rows => {
    tab = tab && !tab.isDisposed ? tab : new Rows(model, trans, actions);
    showBeside(app.shell, tracker, tab);
    return tab;
  };
  const actions = {
    build: () => {
      if (app.commands.hasCommand(BUILD)) {
        void app.commands.execute(BUILD);
      }
    },
    showModule: (cell: number, line: number) => {
      void app.commands.execute('nb2svc:show-modules').then(() => model.reveal(cell, line));
    }
  };
  app.commands.addCommand('nb2svc:show-rows', {
    label: trans.__('Show Captured Rows, Step by Step'),
    caption: trans.__('Show what becomes of a row: the notebook’s values beside the service’s'),
    icon: nb2svcIcon,
    describedBy: ARGUMENTS,
    isEnabled: () => tracker.currentWidget !== null,
    execute: async args => {
      open();
      await (args['failed'] === true ? model.showFailure() : model.load());
    }
  });
  palette?.addItem({ command: 'nb2svc:show-rows', category: trans.__('Notebook to service') });
  return model;
}
