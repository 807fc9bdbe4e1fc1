import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ISpan } from '../model/documents';
import type { IContract, ILine } from '../model/summary';
import { Section } from './section';

interface IContractProps {
  readonly contract: IContract;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
  readonly showModules: () => void;
}

/** What would be served, and which statements are in or out of it, with the reason of each. */
export function Contract({ contract, trans, reveal, showModules }: IContractProps): React.JSX.Element {
  const place = (span: ISpan) => (
    <button className="nb2svc-Link" onClick={() => reveal(span)}>
      {trans.__('cell %1, line %2', span.cell, span.line)}
    </button>
  );
  return (
    <Section id="service" title={trans.__('The service')}>
      <dl className="nb2svc-Contract">
        <dt>{trans.__('A request carries')}</dt>
        {contract.request.map(raw => (
          <dd key={raw.name}>
            <code>{raw.name}</code> {place(raw.span)}
          </dd>
        ))}
        {contract.request.length === 0 && <dd>{trans.__('no value that is loaded')}</dd>}
        <dt>{trans.__('The model')}</dt>
        <dd>
          <code>{contract.model.name}</code> {place(contract.model.span)}
        </dd>
        <dt>{trans.__('The answer')}</dt>
        <dd>
          <code>{contract.answer.text}</code> {place(contract.answer.span)}
        </dd>
        {contract.checks.length > 0 && <dt>{trans.__('Checks')}</dt>}
        {contract.checks.map(check => (
          <dd key={`${check.cell} ${check.name}`}>
            {check.serve
              ? trans.__('%1 (cell %2), for each request too', check.name, check.cell)
              : trans.__('%1 (cell %2)', check.name, check.cell)}
          </dd>
        ))}
      </dl>
      <Lines
        title={trans._n('%1 statement is served', '%1 statements are served', contract.served.length)}
        lines={contract.served}
        place={place}
      />
      <Lines
        title={trans._n('%1 statement is left out', '%1 statements are left out', contract.leftOut.length)}
        lines={contract.leftOut}
        place={place}
      />
      <button className="jp-mod-styled" onClick={showModules}>
        {trans.__('Show its modules')}
      </button>
    </Section>
  );
}

interface ILinesProps {
  readonly title: string;
  readonly lines: readonly ILine[];
  readonly place: (span: ISpan) => React.JSX.Element;
}

function Lines({ title, lines, place }: ILinesProps): React.JSX.Element {
  return (
    <details>
      <summary>{title}</summary>
      <ul className="nb2svc-Lines">
        {lines.map(line => (
          <li key={`${line.span.cell} ${line.span.line} ${line.span.column}`}>
            <code>{line.source}</code>
            <div>
              {place(line.span)} {line.reason}
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}
