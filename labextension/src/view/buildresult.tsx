import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { outcomeOf, type IOutcome } from '../model/build';
import type { IProblem, ISpan } from '../model/documents';
import type { IBuildDocument, IDivergence, IJob } from '../model/jobs';
import { asPath, commandLine } from '../model/shell';
import { outcomeWords } from './buildwords';
import { CommandLine } from './commandline';
import { Finding } from './findings';

interface IResultProps {
  readonly job: IJob;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
}

const STATES: Record<IOutcome['kind'], string> = {
  proved: 'ok',
  gate: 'warning',
  diverged: 'refused',
  refused: 'refused',
  failed: 'refused',
  cancelled: 'warning'
};

/** How a build ended: in a sentence, then what to know of it. */
export function Result({ job, trans, reveal }: IResultProps): React.JSX.Element | null {
  const outcome = outcomeOf(job);
  const { document } = job;
  if (!outcome) {
    return null;
  }
  const told = document?.findings.filter(finding => finding.severity !== 'info') ?? [];
  return (
    <div className={`nb2svc-Result nb2svc-mod-${STATES[outcome.kind]}`} data-outcome={outcome.kind}>
      <p className="nb2svc-Result-sentence">{outcomeWords(outcome, trans)}</p>
      {job.ended && <p className="nb2svc-Note">{trans.__('Ended %1', new Date(job.ended).toLocaleString())}</p>}
      {document?.verdict?.divergence && <Divergence divergence={document.verdict.divergence} trans={trans} reveal={reveal} />}
      {document?.error && outcome.kind !== 'refused' && outcome.kind !== 'cancelled' && (
        <Problem problem={document.error} trans={trans} reveal={reveal} />
      )}
      {told.length > 0 && (
        <ul className="nb2svc-Findings">
          {told.map((finding, index) => (
            <Finding key={`${finding.code} ${index}`} finding={finding} trans={trans} reveal={reveal} />
          ))}
        </ul>
      )}
      {document?.output && <Written document={document} path={document.output} trans={trans} />}
    </div>
  );
}

/** The first statement and column where service and notebook part. */
function Divergence(props: Omit<IResultProps, 'job'> & { readonly divergence: IDivergence }): React.JSX.Element {
  const { divergence, trans, reveal } = props;
  const { span } = divergence;
  return (
    <div className="nb2svc-Divergence">
      <p>
        {trans.__('They part first in')}{' '}
        <button className="nb2svc-Link" onClick={() => reveal(span)}>
          {trans.__('cell %1, line %2', span.cell, span.line)}
        </button>
        {', '}
        {trans.__('column %1', divergence.column)}:
      </p>
      <pre tabIndex={0} aria-label={trans.__('The statement')}>
        {divergence.text}
      </pre>
    </div>
  );
}

interface IProblemProps extends Omit<IResultProps, 'job'> {
  readonly problem: IProblem & { readonly details?: string; readonly span?: ISpan | null };
}

/** What · where · why · do this. */
export function Problem({ problem, trans, reveal }: IProblemProps): React.JSX.Element {
  const { span } = problem;
  return (
    <div className="nb2svc-Error" role="group" aria-label={trans.__('What went wrong')}>
      <p className="nb2svc-Error-what">{problem.what}</p>
      <dl>
        {(problem.where || span) && (
          <>
            <dt>{trans.__('where')}</dt>
            <dd>
              {span ? (
                <button className="nb2svc-Link" onClick={() => reveal(span)}>
                  {trans.__('cell %1, line %2', span.cell, span.line)}
                </button>
              ) : (
                problem.where
              )}
            </dd>
          </>
        )}
        {problem.why && (
          <>
            <dt>{trans.__('why')}</dt>
            <dd>{problem.why}</dd>
          </>
        )}
        {problem.fix && (
          <>
            <dt>{trans.__('do this')}</dt>
            <dd>{problem.fix}</dd>
          </>
        )}
      </dl>
      {problem.details && (
        <pre tabIndex={0} aria-label={trans.__('Details')}>
          {problem.details}
        </pre>
      )}
    </div>
  );
}

/** Where the service lies, how to start it, and all that the command line says of the build. */
function Written(props: {
  readonly document: IBuildDocument;
  readonly path: string;
  readonly trans: TranslationBundle;
}): React.JSX.Element {
  const { document, path, trans } = props;
  return (
    <>
      <p>
        {trans.__('It lies in')} <code>{path}</code>.
      </p>
      <CommandLine command={commandLine('serve', asPath(path))} trans={trans} />
      <details>
        <summary>{trans.__('What the build says')}</summary>
        <dl className="nb2svc-Summary">
          {(document.summary ?? []).map(({ label, lines }) => (
            <React.Fragment key={label}>
              <dt>{label}</dt>
              <dd>
                {lines.map((line, index) => (
                  <p key={index}>{line}</p>
                ))}
              </dd>
            </React.Fragment>
          ))}
        </dl>
      </details>
    </>
  );
}
