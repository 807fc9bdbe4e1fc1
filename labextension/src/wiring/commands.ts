/** The commands: what the palette, the toolbars, the menus and the shortcuts call. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { buildIcon, stopIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { directiveOf, ROLES } from '../model/directive';
import { nb2svcIcon } from '../view/icon';
import type { Modules } from '../view/modules';
import type { Nb2svcPanel } from '../view/panel';
import { roleWord } from '../view/words';
import { showBeside } from './beside';
import { setRoles, taggable } from './cells';

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } };
// A click with the right button in an editor does not make its cell the active one.
const HERE = {
  args: {
    type: 'object',
    properties: { here: { type: 'boolean', description: 'The cell under the context menu, not the active one' } }
  }
};

/** Register every command, and put it into the palette where there is one. */
export function addCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  panel: Nb2svcPanel,
  modules: Modules,
  trans: TranslationBundle,
  palette: ICommandPalette | null
): void {
  const category = trans.__('Notebook to service');
  const hasNotebook = () => tracker.currentWidget !== null;

  app.commands.addCommand('nb2svc:open-panel', {
    label: trans.__('Show the Service of this Notebook'),
    caption: trans.__('Open the panel that shows which cells become a service'),
    icon: nb2svcIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: hasNotebook,
    execute: () => app.shell.activateById(panel.id)
  });
  app.commands.addCommand('nb2svc:show-modules', {
    label: trans.__('Show the Service Modules'),
    caption: trans.__('Show beside the notebook what it becomes'),
    icon: nb2svcIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: hasNotebook,
    execute: () => {
      showBeside(app.shell, tracker, modules);
    }
  });
  app.commands.addCommand('nb2svc:suggest', {
    label: trans.__('Suggest Tags'),
    caption: trans.__('Propose which cells to tag, with reasons'),
    icon: nb2svcIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: hasNotebook,
    execute: async () => {
      app.shell.activateById(panel.id);
      await panel.suggest();
    }
  });
  app.commands.addCommand('nb2svc:build', {
    label: trans.__('Build the Service'),
    caption: trans.__('Save this notebook, run a copy of it, and write the service that is proved to answer as it did'),
    icon: buildIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: () => hasNotebook() && panel.build?.isBusy !== true,
    execute: async () => {
      app.shell.activateById(panel.id);
      await panel.startBuild();
    }
  });
  app.commands.addCommand('nb2svc:cancel-build', {
    label: trans.__('Cancel the Build of this Notebook'),
    caption: trans.__('End it and all that it started'),
    icon: stopIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: () => hasNotebook() && panel.build?.isBusy === true,
    execute: () => panel.build?.cancel()
  });
  app.commands.addCommand('nb2svc:validate', {
    label: trans.__('Validate with Many Parameter Sets'),
    caption: trans.__('Say in the panel which parameters to run a copy of this notebook with'),
    icon: nb2svcIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: hasNotebook,
    execute: () => {
      app.shell.activateById(panel.id);
      panel.showValidation();
    }
  });
  app.commands.addCommand('nb2svc:cancel-validation', {
    label: trans.__('Cancel the Validation of this Notebook'),
    caption: trans.__('End it and all that it started; what was finished is kept'),
    icon: stopIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: () => hasNotebook() && panel.validation?.isBusy === true,
    execute: () => panel.validation?.cancel()
  });
  const target = (args: ReadonlyPartialJSONObject): ICellModel | null => {
    const node = args['here'] === true ? app.contextMenuHitTest(each => each.classList.contains('jp-Cell')) : undefined;
    const cell = node ? tracker.currentWidget?.content.widgets.find(each => each.node === node) : tracker.activeCell;
    return cell?.model.type === 'code' ? cell.model : null;
  };
  for (const role of ROLES) {
    const isSet = (cell: ICellModel | null) => cell !== null && directiveOf(taggable(cell))?.role === role;
    app.commands.addCommand(`nb2svc:toggle-${role}`, {
      label: trans.__('Tag Cell as %1', roleWord(role, trans)),
      caption: trans.__('Tag this cell as %1, or take the tag away', roleWord(role, trans)),
      icon: nb2svcIcon,
      describedBy: HERE,
      isEnabled: args => target(args) !== null && tracker.currentWidget?.model?.readOnly === false,
      isToggled: args => isSet(target(args)),
      execute: args => {
        const notebook = tracker.currentWidget?.model;
        const cell = target(args);
        if (notebook && cell) {
          setRoles(notebook, [{ cell, role: isSet(cell) ? null : role }]);
        }
      }
    });
  }
  for (const command of [
    'open-panel',
    'show-modules',
    'suggest',
    'build',
    'cancel-build',
    'validate',
    'cancel-validation',
    ...ROLES.map(role => `toggle-${role}`)
  ]) {
    palette?.addItem({ command: `nb2svc:${command}`, category });
  }
}

/** Let what shows a command follow its state: the tag of the active cell, and whether a build runs. */
export function renewCommands(app: JupyterFrontEnd): void {
  for (const command of ['build', 'cancel-build', 'cancel-validation', ...ROLES.map(role => `toggle-${role}`)]) {
    app.commands.notifyCommandChanged(`nb2svc:${command}`);
  }
}
