/** Captured rows beside the notebook: what it had at each step, what the service makes of them, and of them edited. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { partingStep, rowsCommand, said, type ITraced } from '../model/rows';
import type { RowsModel } from '../wiring/rows';
import { CommandLine } from './commandline';
import { nb2svcIcon } from './icon';
import { RowForm } from './rowform';
import { RowList } from './rowlist';
import { Answer, Steps } from './rowsteps';

/** What the tab lets others do. */
export interface IRowsActions {
  readonly build: () => void;
  /** Show a line of a cell, with its generated line beside it. */
  readonly showModule: (cell: number, line: number) => void;
}

export class Rows extends ReactWidget {
  constructor(
    readonly model: RowsModel,
    private readonly trans: TranslationBundle,
    private readonly actions: IRowsActions
  ) {
    super();
    this.id = 'nb2svc-rows';
    this.title.icon = nb2svcIcon;
    this.title.label = trans.__('Captured rows');
    this.title.caption = trans.__('Captured rows step by step: the notebook beside the service');
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.label);
    this.addClass('nb2svc-Rows');
    model.changed.connect(this.update, this);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.model.load();
  }

  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    if (this.isVisible) {
      // Another notebook may be the current one now.
      void this.model.load();
    }
  }

  protected render(): React.JSX.Element {
    const { model, trans, actions } = this;
    const { page, traced, captured, request } = model;
    if (!model.session) {
      return <p className="nb2svc-Rows-none">{trans.__('Open a notebook to look at the rows of its last build.')}</p>;
    }
    if (!page) {
      return <Nothing model={model} trans={trans} build={actions.build} />;
    }
    const reveal = (cell: number, line: number) => void model.reveal(cell, line);
    return (
      <>
        <p className="nb2svc-Rows-status" role="status" aria-live="polite">
          {statusLine(model, trans)}
        </p>
        {page.proof && (
          <p className="nb2svc-Problem" role="alert">
            {page.proof.divergence
              ? trans.__(
                  'The proof of the last build failed. First differs in cell %1, line %2, %3:',
                  page.proof.divergence.span.cell,
                  page.proof.divergence.span.line,
                  page.proof.divergence.column
                )
              : trans.__('The proof of the last build failed.')}{' '}
            {page.proof.divergence && <code>{page.proof.divergence.text}</code>}
          </p>
        )}
        {model.trouble && (
          <p className="nb2svc-Problem" role="alert">
            {model.trouble}
          </p>
        )}
        {model.gone !== null && (
          <p className="nb2svc-Problem" role="alert">
            {trans.__('Cell %1 of that build is not in the notebook any more.', model.gone)}
          </p>
        )}
        {page.note && <p className="nb2svc-Note">{page.note}</p>}
        <div className="nb2svc-Rows-body">
          <RowList
            page={page}
            row={model.row}
            search={model.search}
            notable={model.notable}
            trans={trans}
            find={(search, notable) => model.find(search, notable)}
            choose={row => void model.choose(row)}
            more={() => void model.more()}
          />
          {traced && captured && request && (
            <div className="nb2svc-Rows-detail" aria-busy={model.isBusy}>
              <Answer
                traced={traced}
                trans={trans}
                beside={model.beside}
                start={model.shown}
                compareWith={beside => model.compareWith(beside)}
                choose={row => void model.choose(row)}
              />
              <RowForm
                key={model.shown}
                fields={page.fields}
                captured={captured}
                request={request}
                issues={traced.result.issues}
                trans={trans}
                edit={(name, value) => model.edit(name, value)}
                reset={() => model.reset()}
              />
              <Steps traced={traced} trans={trans} reveal={reveal} showModule={actions.showModule} />
            </div>
          )}
        </div>
        <CommandLine command={rowsCommand(model.path, model.shown, captured ?? {}, request ?? {}, model.beside)} trans={trans} />
      </>
    );
  }
}

interface INothingProps {
  readonly model: RowsModel;
  readonly trans: TranslationBundle;
  readonly build: () => void;
}

/** Why no row is shown, with what to do. */
function Nothing({ model, trans, build }: INothingProps): React.JSX.Element {
  if (model.unbuilt) {
    return (
      <div className="nb2svc-Rows-none">
        <p>{trans.__('This notebook was not built yet: a build runs it once, and keeps its rows to compare with.')}</p>
        <button className="jp-mod-styled jp-mod-accept" onClick={build}>
          {trans.__('Build')}
        </button>
      </div>
    );
  }
  return model.trouble ? (
    <div className="nb2svc-Rows-none">
      <p className="nb2svc-Problem" role="alert">
        {model.trouble}
      </p>
      <button className="jp-mod-styled" onClick={() => model.outdate()}>
        {trans.__('Try again')}
      </button>
    </div>
  ) : (
    <p className="nb2svc-Rows-none" role="status">
      {trans.__('Loading the project and the rows of its run…')}
    </p>
  );
}

/** What is to be read aloud when something changed. */
function statusLine({ traced, isBusy, edited, trouble }: RowsModel, trans: TranslationBundle): string {
  if (isBusy || !traced) {
    return !isBusy && trouble ? trans.__('No row is shown.') : trans.__('Asking the service…');
  }
  if (edited.length > 0) {
    return editedLine(traced, edited.length, trans);
  }
  const row = traced.row ?? traced.nearest?.row ?? 0;
  const step = partingStep(traced);
  if (step) {
    const column = traced.parting?.column ?? '';
    return trans.__('Row %1 differs first in cell %2, line %3 %4', row, step.cell, step.line, column);
  }
  return traced.parting
    ? trans.__('Row %1: the answer or the model’s input differs.', row)
    : trans.__('Row %1: nothing differs.', row);
}

function editedLine(traced: ITraced, fields: number, trans: TranslationBundle): string {
  const many = trans._n('%1 field edited', '%1 fields edited', fields);
  return traced.result.prediction === null
    ? trans.__('%1: the service gives no answer.', many)
    : trans.__('%1: the service answers %2.', many, said(traced.result.prediction, trans.__('missing')));
}
