import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IAnalysis, IFinding, IFix, IPage, ISpan } from '../model/documents';
import { withoutChoice } from '../model/fixes';
import { aloud } from '../model/prose';
import { asPath, commandLine } from '../model/shell';
import { stateOf } from '../model/summary';
import { CommandLine } from './commandline';
import { Explanation, type IExplained } from './explanation';
import { Prose } from './prose';
import { Section } from './section';
import { stateWords } from './words';

export type { IExplained } from './explanation';

interface IFindingsProps {
  readonly analysis: IAnalysis;
  /** The notebook's path, for the command line that does the same. */
  readonly path: string;
  readonly isReadOnly: boolean;
  /** The code whose page somebody asked for elsewhere; another object asks again. */
  readonly explained: IExplained | null;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
  /** Make fixes; how many were left because their cells were changed since. */
  readonly fix: (fixes: readonly IFix[]) => number;
  readonly explain: (code: string) => Promise<IPage>;
  /** The last finding went while the focus was on it. */
  readonly focusLost: () => void;
}

interface IFixesProps extends Pick<IFindingsProps, 'isReadOnly' | 'trans'> {
  readonly finding: IFinding;
  readonly fix: (fixes: readonly IFix[]) => void;
}

interface IFindingProps extends Pick<IFindingsProps, 'trans' | 'reveal'> {
  readonly finding: IFinding;
  readonly children?: React.ReactNode;
}

/** The section's name in the memory of what is open. */
export const FINDINGS = 'findings';
const STATES = { refusal: 'refused', warning: 'warning', info: 'ok' } as const;

/** What the compiler found, each with its place, its reason and what to do, and the edits that can be made for it. */
export function Findings(props: IFindingsProps): React.JSX.Element | null {
  const { analysis, trans } = props;
  const count = analysis.findings.length;
  if (count === 0) {
    return null;
  }
  const state = stateOf(analysis.findings);
  return (
    <Section id={FINDINGS} title={trans.__('Findings')} badge={{ count, words: stateWords(state, trans).word, state }}>
      <List {...props} />
    </Section>
  );
}

function List(props: IFindingsProps): React.JSX.Element {
  const { analysis, path, isReadOnly, explained, trans, reveal, fix, explain, focusLost } = props;
  const { findings } = analysis;
  const body = React.useRef<HTMLDivElement>(null);
  const list = React.useRef<HTMLUListElement>(null);
  React.useLayoutEffect(() => {
    const node = body.current;
    // Still in the page here: whoever uses the keyboard would be put at its beginning.
    return () => {
      if (node?.contains(document.activeElement)) {
        focusLost();
      }
    };
  }, []);
  const [left, setLeft] = React.useState({ count: 0, analysis });
  const all = withoutChoice(findings);
  const make = (fixes: readonly IFix[]) => {
    setLeft({ count: fix(fixes), analysis });
    // The button goes with its finding; who uses the keyboard stays here.
    list.current?.focus();
  };
  const asked = findings.findIndex(finding => finding.code === explained?.code);
  return (
    <div ref={body}>
      {all.length > 0 && (
        <div className="nb2svc-Findings-all">
          <button className="jp-mod-styled" disabled={isReadOnly} onClick={() => make(all)}>
            {trans._n('Fix all (%1)', 'Fix all (%1)', all.length)}
          </button>
          <CommandLine command={commandLine('analyze', asPath(path), '--fix')} trans={trans} />
        </div>
      )}
      <p className="nb2svc-Note" role="status">
        {left.analysis === analysis && left.count > 0 && leftWords(left.count, trans)}
      </p>
      <ul className="nb2svc-Findings" ref={list} tabIndex={-1} aria-label={trans.__('Findings')}>
        {findings.map((finding, index) => (
          <Finding key={`${finding.code} ${index}`} finding={finding} trans={trans} reveal={reveal}>
            <Fixes finding={finding} isReadOnly={isReadOnly} fix={make} trans={trans} />
            <Explanation code={finding.code} explained={index === asked ? explained : null} explain={explain} trans={trans} />
          </Finding>
        ))}
      </ul>
    </div>
  );
}

/** One finding with its place, which leads there; what can be done about it stands below. */
export function Finding({ finding, trans, reveal, children }: IFindingProps): React.JSX.Element {
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
      <p>
        <Prose text={finding.message} />
      </p>
      <p className="nb2svc-Finding-remedy">
        <Prose text={finding.remedy} />
      </p>
      {children}
    </li>
  );
}

/** A button for each way to mend it; a choice is said to be one. */
function Fixes(props: IFixesProps): React.JSX.Element | null {
  const { finding, isReadOnly, fix, trans } = props;
  if (finding.fixes.length === 0) {
    return null;
  }
  const isChoice = finding.fixes.some(each => each.choice);
  return (
    <div className="nb2svc-Fixes">
      {isChoice && <span>{trans.__('If you want that:')}</span>}
      {finding.fixes.map(each => (
        <button
          key={each.title}
          className="nb2svc-Fix"
          disabled={isReadOnly}
          aria-label={trans.__('Fix %1: %2', finding.code, aloud(each.title))}
          onClick={() => fix([each])}
        >
          <Prose text={isChoice ? each.title : trans.__('Fix: %1', each.title)} />
        </button>
      ))}
    </div>
  );
}

function leftWords(count: number, trans: TranslationBundle): string {
  return trans._n(
    '%1 fix was not made: its cell was changed since. What still applies is offered again when the notebook is analysed.',
    '%1 fixes were not made: their cells were changed since. What still applies is offered again when the notebook is analysed.',
    count
  );
}
