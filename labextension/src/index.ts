import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { OpenSections, type IKeeper } from './model/sections';
import { drawChips } from './view/chips';
import { drawDiagnostics } from './view/diagnostics';
import { Modules, type Highlight } from './view/modules';
import { Nb2svcPanel } from './view/panel';
import { Api } from './wiring/api';
import { NotebookBuild } from './wiring/build';
import { addCommands, renewCommands } from './wiring/commands';
import { Diagnostics } from './wiring/diagnostics';
import { Jobs } from './wiring/jobs';
import { followCellLinks } from './wiring/links';
import { addRows } from './wiring/rowcommands';
import { NotebookSession } from './wiring/session';
import { isTyping } from './wiring/typing';
import { NotebookValidation } from './wiring/validation';

const PLUGIN_ID = 'nb2svc-labextension:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Tags notebook cells for nb2svc, and shows the service that follows from them.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IEditorLanguageRegistry,
    IStateDB,
    IEditorExtensionRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    languages: IEditorLanguageRegistry | null,
    state: IStateDB | null,
    editors: IEditorExtensionRegistry | null
  ) => {
    const trans = (translator ?? nullTranslator).load('nb2svc');
    const api = new Api(app.serviceManager.serverSettings);
    const panel = new Nb2svcPanel(
      trans,
      new OpenSections(state && keeperIn(state)),
      () => void app.commands.execute('nb2svc:show-modules'),
      () => void app.commands.execute('nb2svc:show-rows')
    );
    const sessions = new WeakMap<NotebookPanel, NotebookSession>();
    const builds = new WeakMap<NotebookSession, NotebookBuild>();
    const validations = new WeakMap<NotebookSession, NotebookValidation>();
    const jobs = new Jobs(app.serviceManager.serverSettings);
    const modules = new Modules(trans, highlighter(languages));
    addCommands(app, tracker, panel, modules, trans, palette);
    const rows = addRows(app, tracker, api, trans, palette);

    const diagnostics = new Diagnostics();
    editors?.addExtension({
      name: 'nb2svc-findings',
      factory: ({ model }) => EditorExtensionRegistry.createImmutableExtension(diagnostics.extension(model))
    });
    const explain = (code: string) => {
      app.shell.activateById(panel.id);
      panel.explain(code);
    };

    // While a workspace is restored each of its notebooks is the current one for a moment.
    let isRestored = false;
    let followed: NotebookSession | null = null;
    const show = () => {
      const current = tracker.currentWidget;
      const session = current ? (sessions.get(current) ?? null) : null;
      if (isRestored && session !== followed) {
        if (followed) {
          followed.isFollowed = false;
        }
        if (session) {
          session.isFollowed = true;
        }
        followed = session;
      }
      panel.session = session;
      panel.build = session ? (builds.get(session) ?? null) : null;
      panel.validation = session ? (validations.get(session) ?? null) : null;
      modules.session = session;
      rows.session = session;
      renewCommands(app);
    };
    tracker.widgetAdded.connect((_, notebook) => {
      const session = new NotebookSession(notebook, api);
      sessions.set(notebook, session);
      const build = new NotebookBuild(session, jobs);
      builds.set(session, build);
      const validation = new NotebookValidation(session, jobs, api);
      validations.set(session, validation);
      const renew = () => renewCommands(app);
      session.changed.connect(renew);
      for (const job of [build, validation]) {
        // It tells of each output, too.
        let isBusy = job.isBusy;
        job.changed.connect(() => {
          if (isBusy !== job.isBusy) {
            isBusy = job.isBusy;
            renew();
          }
        });
      }
      session.built.connect(() => rows.outdate());
      session.diverged.connect(() => {
        // Somebody who went on to another notebook stays there, and who types keeps the caret.
        if (rows.session === session && !isTyping()) {
          app.shell.activateById(panel.id);
          void app.commands.execute('nb2svc:show-rows', { failed: true });
        }
      });
      drawChips(session, trans, id => {
        app.shell.activateById(panel.id);
        void panel.focusCell(id);
      });
      drawDiagnostics(session, diagnostics, trans, explain);
      show();
    });
    tracker.currentChanged.connect(show);
    tracker.activeCellChanged.connect(() => renewCommands(app));
    void app.restored.then(() => {
      isRestored = true;
      show();
    });

    // Which side it stands on is the user's choice already: "Switch Sidebar Side" on its tab.
    app.shell.add(panel, 'right', { rank: 600, type: 'Notebook to service' });
    restorer?.add(panel, panel.id);
    followSettings(registry);
    followCellLinks(tracker);
  }
};

function highlighter(languages: IEditorLanguageRegistry | null): Highlight {
  return languages && ((text, node) => languages.highlight(text, languages.findByName('python'), node));
}

/** The memory of a workspace, as JupyterLab keeps its layout. */
function keeperIn(state: IStateDB): IKeeper {
  const key = `${PLUGIN_ID}:sections`;
  return {
    fetch: () => state.fetch(key),
    save: open => {
      state.save(key, open).catch((reason: unknown) => {
        console.warn(`nb2svc: which sections are open could not be kept: ${String(reason)}`);
      });
    }
  };
}

/** Not awaited: an activation that waits holds up the whole application. */
function followSettings(registry: ISettingRegistry | null): void {
  registry
    ?.load(PLUGIN_ID)
    .then(settings => {
      const apply = () => {
        document.body.classList.toggle('nb2svc-mod-noChips', settings.get('showChips').composite === false);
      };
      settings.changed.connect(apply);
      apply();
    })
    .catch((reason: unknown) => {
      console.error(`nb2svc: the settings could not be read: ${String(reason)}`);
    });
}

export default plugin;
