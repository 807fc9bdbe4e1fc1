/** The side panel: the cells of the current notebook with their roles, what would be served, and what stands against it. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { ISpan, ISuggestion } from '../model/documents';
import type { OpenSections } from '../model/sections';
import { contractOf, isTagged } from '../model/summary';
import type { NotebookSession } from '../wiring/session';
import { CELLS, CellList, type ICellListProps } from './cells';
import { Contract } from './contract';
import { Findings } from './findings';
import { nb2svcIcon } from './icon';
import { Sections } from './section';
import { Suggestion } from './suggestion';

export class Nb2svcPanel extends ReactWidget {
  /** `showModules` opens what the notebook becomes, beside it. */
  constructor(
    private readonly trans: TranslationBundle,
    private readonly sections: OpenSections,
    private readonly showModules: () => void
  ) {
    super();
    this.id = 'nb2svc-panel';
    this.title.icon = nb2svcIcon;
    this.title.caption = trans.__('Notebook to service');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Notebook to service'));
    this.addClass('nb2svc-Panel');
  }

  /** The notebook that is shown, or null where none is open. */
  set session(session: NotebookSession | null) {
    if (session === this._session) {
      return;
    }
    this._session?.changed.disconnect(this.update, this);
    this._session = session;
    this.actions = actionsOf(session);
    this.suggestion = null;
    this.trouble = '';
    session?.changed.connect(this.update, this);
    this.update();
  }

  /** Ask which cells to tag, and show it. */
  async suggest(): Promise<void> {
    const session = this._session;
    if (!session) {
      return;
    }
    this.trouble = '';
    let suggestion: ISuggestion | null = null;
    let trouble = '';
    try {
      suggestion = await session.suggest();
    } catch (reason) {
      trouble = reason instanceof Error ? reason.message : String(reason);
    }
    // A copy of a notebook has the same cells: what was proposed for one must not be accepted in the other.
    if (session === this._session) {
      this.suggestion = suggestion;
      this.trouble = trouble;
      this.update();
    }
  }

  /** Put the focus on the row of a cell. */
  async focusCell(id: string): Promise<void> {
    const find = () => this.node.querySelector<HTMLElement>(`[data-cell-id="${CSS.escape(id)}"] select`);
    if (!find()) {
      this.sections.set(CELLS, true);
      await new Promise(requestAnimationFrame);
    }
    const row = find();
    row?.scrollIntoView({ block: 'nearest' });
    row?.focus();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected render(): React.JSX.Element {
    const session = this._session;
    const { trans } = this;
    return (
      <Sections.Provider value={this.sections}>
        <div className="nb2svc-Panel-body">
          <h2 className="nb2svc-Panel-heading">{trans.__('Notebook to service')}</h2>
          {session ? this.notebook(session) : <p>{trans.__('Open a notebook to tag its cells.')}</p>}
        </div>
      </Sections.Provider>
    );
  }

  private notebook(session: NotebookSession): React.JSX.Element {
    const { trans } = this;
    const { analysis } = session;
    const items = session.items;
    const contract = analysis ? contractOf(analysis) : null;
    const tagged = isTagged(
      items.map(item => item.directive),
      analysis
    );
    const problem = session.trouble || this.trouble;
    const reveal = (span: ISpan) => {
      const id = session.idOf(span.cell);
      if (id) {
        void session.reveal(id, span.line);
      }
    };
    return (
      <>
        <p className="nb2svc-Panel-status" role="status" aria-live="polite">
          {statusLine(session, tagged, trans)}
        </p>
        {problem && (
          <p className="nb2svc-Problem" role="alert">
            {problem}
          </p>
        )}
        {analysis?.error && (
          <p className="nb2svc-Problem" role="alert">
            {[analysis.error.what, analysis.error.why, analysis.error.fix].filter(Boolean).join('. ')}
          </p>
        )}
        <Suggestion
          suggestion={this.suggestion}
          prominent={!tagged}
          trans={trans}
          ask={() => void this.suggest()}
          accept={cells => {
            session.setRoles(cells.map(({ id, role, name }) => ({ id, role, name: name ?? undefined })));
            const left = this.suggestion?.proposal?.cells.filter(each => !cells.includes(each)) ?? [];
            this.suggestion = left.length > 0 ? { error: null, proposal: { cells: left, nothing: '' } } : null;
            this.update();
          }}
          dismiss={() => {
            this.suggestion = null;
            this.update();
          }}
          reveal={id => void session.reveal(id)}
        />
        <CellList items={items} trans={trans} isReadOnly={session.isReadOnly} {...this.actions} />
        {contract && <Contract contract={contract} trans={trans} reveal={reveal} showModules={this.showModules} />}
        {analysis && tagged && <Findings analysis={analysis} trans={trans} reveal={reveal} />}
      </>
    );
  }

  private _session: NotebookSession | null = null;
  private actions = actionsOf(null);
  private suggestion: ISuggestion | null = null;
  private trouble = '';
}

/** What a row of the list does; made once for a notebook, so that a row which did not change need not be drawn again. */
function actionsOf(session: NotebookSession | null): Pick<ICellListProps, 'setRole' | 'reveal'> {
  return {
    setRole: (id, role, name) => session?.setRoles([{ id, role, name }]),
    reveal: id => void session?.reveal(id)
  };
}

function statusLine(session: NotebookSession, tagged: boolean, trans: TranslationBundle): string {
  const { analysis } = session;
  if (session.trouble) {
    return trans.__('The notebook could not be analysed.');
  }
  if (session.isStale || !analysis) {
    return trans.__('Analysing…');
  }
  const stops = analysis.findings.filter(finding => finding.severity === 'refusal').length;
  if (analysis.error) {
    return trans.__('This notebook can’t be read.');
  }
  if (!tagged) {
    return trans.__('No cell is tagged yet.');
  }
  return stops > 0
    ? trans._n('%1 thing stands against a service.', '%1 things stand against a service.', stops)
    : trans.__('This notebook can be built.');
}
