import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IProposedCell, ISuggestion } from '../model/documents';
import { Prose } from './prose';
import { roleWord } from './words';

interface ISuggestionProps {
  readonly suggestion: ISuggestion | null;
  /** Whether asking is the next thing to do. */
  readonly prominent: boolean;
  readonly trans: TranslationBundle;
  readonly ask: () => void;
  readonly accept: (cells: readonly IProposedCell[]) => void;
  readonly dismiss: () => void;
  readonly reveal: (id: string) => void;
}

/** The button that asks which cells to tag, and the proposal with the reason of each, to take one by one or all. */
export function Suggestion(props: ISuggestionProps): React.JSX.Element {
  const { suggestion, prominent, trans, ask } = props;
  if (!suggestion) {
    return (
      <button className={`jp-mod-styled${prominent ? ' jp-mod-accept' : ''}`} onClick={ask}>
        {trans.__('Suggest tags')}
      </button>
    );
  }
  return (
    <section className="nb2svc-Suggestion" aria-label={trans.__('Suggested tags')}>
      <h3>{trans.__('Suggested tags')}</h3>
      <Proposal {...props} suggestion={suggestion} />
    </section>
  );
}

function Proposal(props: ISuggestionProps & { readonly suggestion: ISuggestion }): React.JSX.Element {
  const { suggestion, trans, accept, dismiss } = props;
  const cells = suggestion.proposal?.cells ?? [];
  const close = (
    <button className="jp-mod-styled" onClick={dismiss}>
      {trans.__('Close')}
    </button>
  );
  if (suggestion.error || cells.length === 0) {
    const why =
      suggestion.error?.what ??
      (suggestion.proposal?.nothing || trans.__('Nothing is missing: the tags that are there suffice.'));
    return (
      <>
        <p>{why}</p>
        {close}
      </>
    );
  }
  return (
    <>
      <ul className="nb2svc-Proposals">
        {cells.map(cell => (
          <Proposed key={cell.id} {...props} cell={cell} />
        ))}
      </ul>
      <button className="jp-mod-styled jp-mod-accept" onClick={() => accept(cells)}>
        {trans.__('Accept all')}
      </button>
      {close}
    </>
  );
}

function Proposed(props: ISuggestionProps & { readonly cell: IProposedCell }): React.JSX.Element {
  const { cell, trans, accept, reveal } = props;
  return (
    <li>
      <div>
        <strong className={`nb2svc-RoleWord nb2svc-mod-${cell.role}`}>{roleWord(cell.role, trans)}</strong> {cell.name}{' '}
        <button className="nb2svc-Link" onClick={() => reveal(cell.id)}>
          {trans.__('cell %1', cell.cell)}
        </button>{' '}
        <span className="nb2svc-Note">{cell.words}</span>
      </div>
      <code>{cell.line}</code>
      <p>
        <Prose text={cell.reason} />
      </p>
      <button
        className="jp-mod-styled"
        aria-label={trans.__('Accept %1 for cell %2', roleWord(cell.role, trans), cell.cell)}
        onClick={() => accept([cell])}
      >
        {trans.__('Accept')}
      </button>
    </li>
  );
}
