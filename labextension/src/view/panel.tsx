/** The side panel: the cells of the current notebook with their roles, what would be served, and what stands against it. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { IAnalysis, ILink, ISpan, ISuggestion } from '../model/documents';
import type { OpenSections } from '../model/sections';
import { contractOf, renumbered, standingsOf, type IContract } from '../model/contract';
import { isTagged } from '../model/summary';
import type { NotebookBuild } from '../wiring/build';
import type { NotebookValidation } from '../wiring/validation';
import type { ICellItem, NotebookSession } from '../wiring/session';
import { BUILD, Build, BuildButton } from './build';
import { CELLS, CellList, type ICellListProps } from './cells';
import { Contract } from './contract';
import { Findings, FINDINGS, type IExplained } from './findings';
import { nb2svcIcon } from './icon';
import { Readiness } from './readiness';
import { Sections } from './section';
import { Status } from './status';
import { Suggestion } from './suggestion';
import { Validation, VALIDATION } from './validation';

export class Nb2svcPanel extends ReactWidget {
  /** `showModules` opens what the notebook becomes, beside it; `showRows` what becomes of its rows. */
  constructor(
    private readonly trans: TranslationBundle,
    private readonly sections: OpenSections,
    private readonly showModules: () => void,
    private readonly showRows: () => void
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
    this.told = { analysis: null, contract: null };
    this.trouble = '';
    session?.changed.connect(this.update, this);
    this.update();
  }

  /** The build of the notebook that is shown. */
  get build(): NotebookBuild | null {
    return this._build;
  }

  set build(build: NotebookBuild | null) {
    this._build = build;
    this.update();
  }

  /** The validation of the notebook that is shown. */
  get validation(): NotebookValidation | null {
    return this._validation;
  }

  set validation(validation: NotebookValidation | null) {
    this._validation = validation;
    this.update();
  }

  /** Show the form of a validation, with the focus on it. */
  showValidation(): void {
    this.sections.set(VALIDATION, true);
    this.showSection(VALIDATION);
    requestAnimationFrame(() => {
      this.node.querySelector<HTMLElement>(`[aria-controls="nb2svc-section-${VALIDATION}"]`)?.focus({ preventScroll: true });
    });
  }

  /** Build the notebook that is shown, and show how it goes. */
  async startBuild(): Promise<void> {
    this.sections.set(BUILD, true);
    this.showSection(BUILD);
    await this._build?.start();
    // Its stages are there now, and need more room.
    this.showSection(BUILD);
  }

  private showSection(id: string): void {
    requestAnimationFrame(() => {
      this.node.querySelector(`#nb2svc-section-${id}`)?.parentElement?.scrollIntoView({ block: 'start' });
    });
  }

  /** Ask which cells to tag, and show it. */
  async suggest(): Promise<void> {
    const session = this._session;
    if (!session) {
      return;
    }
    this.trouble = '';
    const turn = (this.asking += 1);
    let suggestion: ISuggestion | null = null;
    let trouble = '';
    try {
      suggestion = await session.suggest();
    } catch (reason) {
      trouble = reason instanceof Error ? reason.message : String(reason);
    }
    // A copy of a notebook has the same cells: what was proposed for one must not be accepted in the other.
    if (session === this._session && turn === this.asking) {
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

  /** Show what a finding's code means. */
  explain(code: string): void {
    this.sections.set(FINDINGS, true);
    this.explained = { code };
    this.update();
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
    const contract = this.contractOf(analysis);
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
    const revealBuilt = (span: ISpan) => void this._build?.reveal(span);
    return (
      <>
        <Status text={statusLine(session, tagged, trans)} isBusy={isAnalysing(session)} />
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
        <div className="nb2svc-Acts">
          {this._build && (
            <BuildButton build={this._build} prominent={tagged} trans={trans} start={() => void this.startBuild()} />
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
        </div>
        <CellList
          items={items}
          trans={trans}
          isReadOnly={session.isReadOnly}
          {...this.drawn(analysis, items)}
          {...this.actions}
        />
        {contract && (
          <Contract
            contract={contract}
            isEarlier={analysis?.outline === null}
            trans={trans}
            isReadOnly={session.isReadOnly}
            reveal={reveal}
            showModules={this.showModules}
            showRows={this.showRows}
            {...contractActions(session)}
          />
        )}
        {analysis && tagged && (
          <Findings
            analysis={analysis}
            path={session.path}
            isReadOnly={session.isReadOnly}
            explained={this.explained}
            trans={trans}
            reveal={reveal}
            fix={fixes => session.fix(fixes)}
            explain={code => session.explain(code)}
            focusLost={() => this.node.querySelector<HTMLElement>('.nb2svc-Panel-status')?.focus()}
          />
        )}
        {this._build && <Build build={this._build} trans={trans} start={() => void this.startBuild()} reveal={revealBuilt} />}
        {this._validation && <Validation validation={this._validation} trans={trans} />}
        <Readiness
          readiness={session.readiness}
          trans={trans}
          reveal={(id, line) => {
            void session.reveal(id, line);
          }}
        />
      </>
    );
  }

  /** The contract; while the notebook can't be compiled the one before, from which what was overruled can be taken back. */
  private contractOf(analysis: IAnalysis | null): IContract | null {
    if (analysis !== this.told.analysis) {
      const contract = analysis ? contractOf(analysis) : null;
      this.told = { analysis, contract: contract ?? (analysis?.outline === null ? this.told.contract : null) };
    }
    return this.told.contract;
  }

  /** What is drawn beside the cells, the same value for the same picture. */
  private drawn(analysis: IAnalysis | null, items: readonly ICellItem[]): Pick<ICellListProps, 'links' | 'standings'> {
    const order = items.map(item => item.id).join();
    if (analysis !== this.picture.analysis || order !== this.picture.order) {
      const places = new Map(items.map(item => [item.id, item.number]));
      const numbers = new Map(
        analysis?.notebook?.cells.flatMap(cell => {
          const now = places.get(cell.id);
          return now === undefined ? [] : [[cell.number, now] as const];
        })
      );
      const links = renumbered(analysis?.links ?? [], numbers);
      // What somebody types changes most often nothing of the picture.
      const same = JSON.stringify(links) === JSON.stringify(this.picture.links);
      this.picture = { analysis, order, links: same ? this.picture.links : links, standings: standingsOf(analysis) };
    }
    return this.picture;
  }

  private told: { analysis: IAnalysis | null; contract: IContract | null } = { analysis: null, contract: null };
  private picture: Pick<ICellListProps, 'links' | 'standings'> & { analysis: IAnalysis | null; order: string } = {
    analysis: null,
    order: '',
    links: NO_LINKS,
    standings: new Map()
  };
  private _session: NotebookSession | null = null;
  private _build: NotebookBuild | null = null;
  private _validation: NotebookValidation | null = null;
  private actions = actionsOf(null);
  private suggestion: ISuggestion | null = null;
  private trouble = '';
  private asking = 0;
  private explained: IExplained | null = null;
}

const NO_LINKS: readonly ILink[] = [];

/** How what the contract infers is overruled: by an option of the tag of a cell, or by the role of a cell. */
function contractActions(
  session: NotebookSession
): Pick<React.ComponentProps<typeof Contract>, 'given' | 'set' | 'setRole' | 'change' | 'mark'> {
  const idOf = (cell: number | null) => (cell === null ? undefined : session.idOf(cell));
  return {
    given: choice => {
      const id = idOf(choice.cell);
      return id === undefined ? null : session.optionOf(id, choice.key);
    },
    set: (choice, value) => {
      const id = idOf(choice.cell);
      if (id !== undefined) {
        session.setOption(id, choice.key, value);
      }
    },
    setRole: (cell, role) => {
      const id = idOf(cell);
      if (id !== undefined) {
        session.setRoles([{ id, role }]);
      }
    },
    change: fix => void session.fix([fix]),
    mark: span => session.mark(span)
  };
}

/** What a row of the list does; made once for a notebook, so that a row which did not change need not be drawn again. */
function actionsOf(session: NotebookSession | null): Pick<ICellListProps, 'setRole' | 'reveal'> {
  return {
    setRole: (id, role, name) => session?.setRoles([{ id, role, name }]),
    reveal: id => void session?.reveal(id)
  };
}

function isAnalysing(session: NotebookSession): boolean {
  return !session.trouble && (session.isStale || !session.analysis);
}

function statusLine(session: NotebookSession, tagged: boolean, trans: TranslationBundle): string {
  const { analysis } = session;
  if (session.trouble) {
    return trans.__('The notebook could not be analysed.');
  }
  if (isAnalysing(session) || !analysis) {
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
