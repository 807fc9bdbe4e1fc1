/** The validation of a notebook: what to run it with, its runs as they end, and what they say together. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { hasEnded } from '../model/jobs';
import { problemText } from '../model/prose';
import { isBad, progressOf, reached, type IProgress } from '../model/runs';
import { hasResults, type NotebookValidation } from '../wiring/validation';
import { Problem } from './buildresult';
import { CommandLine } from './commandline';
import { timeWords, troubleWords } from './jobwords';
import { Prose } from './prose';
import { Runs } from './runs';
import { useSeconds } from './seconds';
import { Section, type IBadge } from './section';
import { ValidationForm } from './validationform';
import { Verdict } from './verdict';

/** The name of the section. */
export const VALIDATION = 'validation';

interface IValidationProps {
  readonly validation: NotebookValidation;
  readonly trans: TranslationBundle;
}

export function Validation(props: IValidationProps): React.JSX.Element {
  return (
    <UseSignal signal={props.validation.changed}>
      {() => (
        <Section id={VALIDATION} title={props.trans.__('Validation')} badge={badgeOf(props)} startsClosed>
          <Body {...props} />
        </Section>
      )}
    </UseSignal>
  );
}

/** The runs that are not well, where there are some; else all. */
function badgeOf({ validation, trans }: IValidationProps): IBadge | null {
  const { runs } = validation;
  const bad = runs.filter(isBad).length;
  if (bad > 0) {
    return { count: bad, words: trans._n('%1 run not well', '%1 runs not well', bad), state: 'refused' };
  }
  return runs.length > 0 ? { count: runs.length, words: trans._n('%1 run', '%1 runs', runs.length) } : null;
}

function Body({ validation, trans }: IValidationProps): React.JSX.Element {
  const { job, trouble, isBusy } = validation;
  React.useEffect(() => void validation.want(), [validation]);
  useSeconds(job?.state === 'running');
  const progress = job && !hasEnded(job) ? progressOf(validation.events, validation.seconds) : null;
  return (
    <div className="nb2svc-Build nb2svc-Validation">
      <p className="nb2svc-Aloud" role="status">
        {spoken(validation, progress, trans)}
      </p>
      {trouble.kind && (
        <p className="nb2svc-Problem" role="alert">
          {troubleWords(trouble, trans)}
        </p>
      )}
      {!isBusy && <Asked validation={validation} trans={trans} />}
      {!isBusy && <Planned validation={validation} trans={trans} />}
      <div>
        {isBusy ? (
          <button className="jp-mod-styled" disabled={validation.isEnding} onClick={() => void validation.cancel()}>
            {validation.isEnding ? trans.__('Ending…') : trans.__('Cancel the validation')}
          </button>
        ) : (
          <button
            className="jp-mod-styled nb2svc-ValidateButton"
            disabled={(validation.planned?.wrong?.length ?? 0) > 0}
            onClick={() => void validation.start()}
          >
            {job ? trans.__('Validate again') : trans.__('Validate')}
          </button>
        )}
      </div>
      <CommandLine command={validation.commandLine} trans={trans} />
      {job?.state === 'queued' && (
        <p>
          {job.position > 1
            ? trans._n('%1 other job comes first.', '%1 other jobs come first.', job.position)
            : trans.__('It waits for another job to end.')}
        </p>
      )}
      {job?.state === 'running' && <Progress progress={progress} seconds={validation.seconds} trans={trans} />}
      <Ended validation={validation} trans={trans} />
      <Runs validation={validation} trans={trans} />
    </div>
  );
}

/** The form, out of the way once there is something to see; never while a field of it is wrong. */
function Asked({ validation, trans }: IValidationProps): React.JSX.Element {
  const [chosen, choose] = React.useState<boolean | null>(null);
  const isOpen = validation.hasWrong || (chosen ?? !hasResults(validation));
  return (
    <details className="nb2svc-Options" open={isOpen}>
      {/* Not the toggling, which tells of what was opened by itself, too. */}
      <summary
        onClick={event => {
          event.preventDefault();
          choose(!isOpen);
        }}
      >
        {trans.__('What to run it with')}
      </summary>
      {isOpen && <ValidationForm validation={validation} trans={trans} />}
    </details>
  );
}

/** How many runs the form says; what is wrong with a field stands there. */
function Planned({ validation, trans }: IValidationProps): React.JSX.Element | null {
  const { planned, planTrouble } = validation;
  if (planTrouble) {
    return (
      <p className="nb2svc-Problem" role="alert">
        {trans.__('The form could not be checked: %1', planTrouble)}
      </p>
    );
  }
  const whole = validation.wrong('');
  const wrong = planned?.wrong?.length ?? 0;
  const runs = planned?.runs ?? null;
  return (
    <div role="status" className="nb2svc-Planned" data-runs={validation.isPlanning ? '' : (runs ?? '')}>
      {whole && (
        <p className="nb2svc-Wrong">
          <span aria-hidden="true">✕ </span>
          <Prose text={problemText(whole)} />
        </p>
      )}
      {!whole && wrong > 0 && <p>{trans._n('%1 field is wrong.', '%1 fields are wrong.', wrong)}</p>}
      {planned && !planned.error && !validation.hasWrong && runs === null && (
        <p>{trans.__('Only the command can read that file of sets: the runs are counted when it begins.')}</p>
      )}
      {runs !== null && <p>{trans._n('That makes %1 run.', 'That makes %1 runs.', runs)}</p>}
    </div>
  );
}

function Progress(props: {
  readonly progress: IProgress | null;
  readonly seconds: number;
  readonly trans: TranslationBundle;
}): React.JSX.Element {
  const { progress, seconds, trans } = props;
  if (!progress) {
    return <p>{trans.__('Reading the notebook…')}</p>;
  }
  const { done, total, bad, left } = progress;
  const words = trans._n('%2 of %1 run', '%2 of %1 runs', total, done);
  return (
    <div>
      <p className="nb2svc-Progress-words">
        {words}
        {bad > 0 && trans.__(', %1 not well', bad)}
        {' · '}
        {timeWords(seconds, trans)}
        {left !== null && ` · ${trans.__('about %1 left', timeWords(left, trans))}`}
      </p>
      <progress className="nb2svc-Stage-bar" value={done} max={total} aria-label={words} />
    </div>
  );
}

/** What is read aloud: that it begins, that runs are not well, in a few steps, and the end; not each cell or run. */
function spoken(validation: NotebookValidation, progress: IProgress | null, trans: TranslationBundle): string {
  const { job } = validation;
  if (!job) {
    return '';
  }
  if (hasEnded(job)) {
    return trans.__('The validation has ended.');
  }
  if (!progress) {
    return job.state === 'queued' ? trans.__('The validation waits.') : trans.__('The validation begins.');
  }
  const bad = progress.bad > 0 ? reached(progress.bad) : 0;
  return bad > 0
    ? trans._n('%1 run is not well.', 'At least %1 runs are not well.', bad)
    : trans._n('%1 run is made.', '%1 runs are made.', progress.total);
}

function Ended({ validation, trans }: IValidationProps): React.JSX.Element | null {
  const { job, isFromDisk } = validation;
  const found = validation.validation;
  const error = job?.document?.error ?? null;
  if (job ? !hasEnded(job) : !isFromDisk) {
    return null;
  }
  const missing = found?.runs.filter(run => run.status === 'not_run').length ?? 0;
  return (
    <>
      {isFromDisk && found && (
        <p className="nb2svc-Note">{trans.__('The last validation, of %1', new Date(found.began).toLocaleString())}</p>
      )}
      {job?.ended && <p className="nb2svc-Note">{trans.__('Ended %1', new Date(job.ended).toLocaleString())}</p>}
      {job?.state === 'cancelled' && (
        <p className="nb2svc-Result nb2svc-mod-warning" data-outcome="cancelled">
          {trans.__('The validation was cancelled. What was finished is kept: the same again goes on from there.')}
        </p>
      )}
      {missing > 0 && <p className="nb2svc-Note">{trans._n('%1 run was not made.', '%1 runs were not made.', missing)}</p>}
      {error && job?.state !== 'cancelled' && (
        <div className="nb2svc-Result nb2svc-mod-refused" data-outcome="failed">
          <Problem problem={error} trans={trans} reveal={span => void validation.reveal(span)} />
        </div>
      )}
      {found?.judgement && <Verdict judgement={found.judgement} validation={validation} trans={trans} />}
      {found && (
        <p>
          <a href={validation.page()} target="_blank" rel="noopener noreferrer">
            {trans.__('Open the report')}
          </a>
        </p>
      )}
    </>
  );
}
