import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IAnalysis, IFinding, ISpan } from '../model/documents';
import { stateOf } from '../model/summary';
import { Section } from './section';
import { stateWords } from './words';

interface IFindingsProps {
  readonly analysis: IAnalysis;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
}

const STATES = { refusal: 'refused', warning: 'warning', info: 'ok' } as const;

/** What the compiler found, each with its place, its reason and what to do. */
export function Findings({ analysis, trans, reveal }: IFindingsProps): React.JSX.Element | null {
  const count = analysis.findings.length;
  if (count === 0) {
    return null;
  }
  const state = stateOf(analysis.findings);
  return (
    <Section id="findings" title={trans.__('Findings')} badge={{ count, words: stateWords(state, trans).word, state }}>
      <ul className="nb2svc-Findings">
        {analysis.findings.map((finding, index) => (
          <Finding key={`${finding.code} ${index}`} finding={finding} trans={trans} reveal={reveal} />
        ))}
      </ul>
    </Section>
  );
}

/** One finding with its place, which leads there. */
export function Finding(props: Omit<IFindingsProps, 'analysis'> & { readonly finding: IFinding }): React.JSX.Element {
  const { finding, trans, reveal } = props;
  const { span } = finding;
  const state = stateWords(STATES[finding.severity], trans);
  return (
    <li className={`nb2svc-Finding nb2svc-mod-${STATES[finding.severity]}`}>
      <div className="nb2svc-Finding-head">
        <span role="img" aria-label={state.word}>
          {state.sign}
        </span>
        <span>{finding.code}</span>
        {span && (
          <button className="nb2svc-Link" onClick={() => reveal(span)}>
            {trans.__('cell %1, line %2', span.cell, span.line)}
          </button>
        )}
      </div>
      <p>{finding.message}</p>
      <p className="nb2svc-Finding-remedy">{finding.remedy}</p>
    </li>
  );
}
