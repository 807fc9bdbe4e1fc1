/** What all runs say together: the verdict with its reasons, checks, metrics, and the comparison with the baseline. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { numberText, serviceCounts } from '../model/runs';
import type { Comparison, Gated, JudgedCheck, JudgedMetric, Judgement, WorstSegment } from '../model/schema';
import type { NotebookValidation } from '../wiring/validation';
import { comparedWord, gateWords, intervalText, serviceWords, shareText, verdictWords, withSegment } from './validationwords';

interface IVerdictProps {
  readonly judgement: Judgement;
  readonly validation: NotebookValidation;
  readonly trans: TranslationBundle;
}

export function Verdict({ judgement, validation, trans }: IVerdictProps): React.JSX.Element {
  const { sentence, colour } = verdictWords(judgement.outcome, trans);
  const { baseline, comparisons, reasons, worst } = judgement;
  // Of many segments those that are bad, and the worst of each metric.
  const checks = judgement.checks.filter(({ count }) => !count.segment || count.failed + count.errors > 0);
  const metrics = judgement.metrics.filter(({ summary }) => !summary.segment);
  return (
    <div className={`nb2svc-Result nb2svc-mod-${colour}`} data-verdict={judgement.outcome}>
      <p className="nb2svc-Result-sentence">{sentence}</p>
      {reasons.length > 0 && (
        <ul className="nb2svc-Reasons" aria-label={trans.__('Why')}>
          {reasons.map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {checks.length > 0 && (
        <>
          <h4>{trans.__('Checks')}</h4>
          <ul>
            {checks.map(check => (
              <Check key={`${check.count.name} ${check.count.segment}`} check={check} validation={validation} trans={trans} />
            ))}
          </ul>
        </>
      )}
      {metrics.length > 0 && (
        <>
          <h4>{trans.__('Metrics')}</h4>
          <dl className="nb2svc-Summary">
            {metrics.map(metric => (
              <Metric key={metric.summary.name} metric={metric} trans={trans} />
            ))}
          </dl>
        </>
      )}
      {worst.length > 0 && (
        <>
          <h4>{trans.__('Worst segments')}</h4>
          <dl className="nb2svc-Summary">
            {worst.map(each => (
              <Worst key={each.metric} worst={each} trans={trans} />
            ))}
          </dl>
        </>
      )}
      <Services validation={validation} trans={trans} />
      {baseline && (
        <>
          <h4>{trans._n('Compared with %2, %1 run', 'Compared with %2, %1 runs', baseline.runs, baseline.source)}</h4>
          <ul>
            {comparisons.map(one => (
              <Compared key={`${one.metric} ${one.segment}`} one={one} trans={trans} />
            ))}
          </ul>
        </>
      )}
      {judgement.gate && <Gate gate={judgement.gate} trans={trans} />}
    </div>
  );
}

/** In how many runs the built service answered as the notebook. */
function Services({ validation, trans }: Omit<IVerdictProps, 'judgement'>): React.JSX.Element | null {
  const asked = validation.runs.flatMap(run => (run.service ? [run.service] : []));
  const [first] = asked;
  return first === undefined ? null : (
    <>
      <h4>{trans.__('The service %1, trained with each run’s parameters', first.project)}</h4>
      <ul>
        {serviceCounts(asked).map(({ status, runs, reason }) => {
          const { sign, word, colour } = serviceWords(status, trans);
          return (
            <li key={status} className={`nb2svc-Run nb2svc-mod-${colour}`}>
              <span aria-hidden="true" className="nb2svc-Run-sign">
                {sign}
              </span>{' '}
              {trans._n('%2 in %3 of %1 run', '%2 in %3 of %1 runs', asked.length, word, runs)}
              {reason && `: ${reason}`}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Whether the model of these runs may take the place of the one in service. */
function Gate({ gate, trans }: { readonly gate: Gated; readonly trans: TranslationBundle }): React.JSX.Element {
  const { sign, sentence, colour } = gateWords(gate.outcome, trans);
  const { champion, comparisons, reasons } = gate;
  return (
    <>
      <h4>
        {trans._n(
          'Gate: against the %2 %3, %1 run',
          'Gate: against the %2 %3, %1 runs',
          champion.runs,
          gate.name,
          champion.source
        )}
      </h4>
      <p className={`nb2svc-Run nb2svc-mod-${colour}`} data-gate={gate.outcome}>
        <span aria-hidden="true" className="nb2svc-Run-sign">
          {sign}
        </span>{' '}
        <b>{sentence}</b>
      </p>
      {reasons.length > 0 && (
        <ul className="nb2svc-Reasons">
          {reasons.map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <ul>
        {comparisons.map(one => (
          <Compared key={`${one.metric} ${one.segment}`} one={one} trans={trans} />
        ))}
      </ul>
      {gate.parameters.length > 0 && (
        <p className="nb2svc-Note">{trans.__('Other parameters: %1', gate.parameters.join('; '))}</p>
      )}
      {gate.data_stated && (
        <p className="nb2svc-Note">{trans.__('On other data, as was said: %1', gate.other_data.join('; '))}</p>
      )}
    </>
  );
}

function Check(props: Omit<IVerdictProps, 'judgement'> & { readonly check: JudgedCheck }): React.JSX.Element {
  const { check, validation, trans } = props;
  const { count, failing, flaky, depends } = check;
  const runs = count.passed + count.failed + count.errors + count.not_reached;
  const isBad = count.failed + count.errors > 0;
  return (
    <li className={`nb2svc-Run nb2svc-mod-${isBad ? 'refused' : 'ok'}`}>
      <span aria-hidden="true" className="nb2svc-Run-sign">
        {isBad ? '✕' : count.passed > 0 ? '✓' : '·'}
      </span>{' '}
      <b>{withSegment(count.name, count.segment)}</b>{' '}
      <button className="nb2svc-Link" onClick={() => void validation.revealPlace(count.cell, 1)}>
        {trans.__('cell %1', count.cell)}
      </button>{' '}
      {trans._n('passed in %2 of %1 run', 'passed in %2 of %1 runs', runs, count.passed)}
      {failing &&
        isBad &&
        trans.__('; that %1 to %2 fail is likely', shareText(failing.low, trans), shareText(failing.high, trans))}
      {failing && !isBad && trans.__('; that up to %1 fail is likely', shareText(failing.high, trans))}
      {flaky && trans.__('; flaky')}
      {depends && `; ${depends}`}
    </li>
  );
}

function Worst({ worst, trans }: { readonly worst: WorstSegment; readonly trans: TranslationBundle }): React.JSX.Element {
  const { segment, mean, whole, interval, lowest, highest, runs, of } = worst;
  return (
    <>
      <dt>{worst.metric}</dt>
      <dd>
        {runs === 0 ? (
          trans.__('can’t be told: no run has a number of each segment')
        ) : segment ? (
          <>
            <b>{segment}</b> {trans.__('%1, in all rows %2', numberText(mean), numberText(whole))}
            {interval && trans.__('; its mean lies in %1', intervalText(interval, trans))}
          </>
        ) : (
          trans.__('lowest in %1, highest in %2; its name does not say which is better', lowest, highest)
        )}
        {runs > 0 && runs < of && trans.__('; over the %1 of %2 runs with a number of each segment', runs, of)}
      </dd>
    </>
  );
}

function Metric({ metric, trans }: { readonly metric: JudgedMetric; readonly trans: TranslationBundle }): React.JSX.Element {
  const { summary, interval, parameters, shares_note: note, interval_note: intervalNote } = metric;
  const { name } = summary;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {summary.mean === null ? (
          <p>{trans.__('no number')}</p>
        ) : (
          <p>
            {trans._n('mean %2 in %1 run', 'mean %2 in %1 runs', summary.count, numberText(summary.mean))}
            {interval && trans.__('; its mean lies in %1, with 95 % confidence', intervalText(interval, trans))}
            {summary.low !== null &&
              summary.high !== null &&
              summary.count > 1 &&
              trans.__('; values from %1', intervalText({ low: summary.low, high: summary.high }, trans))}
          </p>
        )}
        {intervalNote && <p className="nb2svc-Note">{intervalNote}</p>}
        {summary.special > 0 && <p>{trans.__('%1 not finite', summary.special)}</p>}
        {summary.missing > 0 && <p>{trans._n('%1 run without it', '%1 runs without it', summary.missing)}</p>}
        {parameters.length > 0 && (
          <details>
            <summary>
              {trans.__('What moves it')}
              <span className="nb2svc-Aloud"> {name}</span>
            </summary>
            <ul>
              {parameters.map(each => (
                <li key={each.parameter}>
                  <b>{each.parameter}</b>
                  {each.share !== null && ` ${trans.__('%1 of its variance', shareText(each.share, trans))}`}
                  {': '}
                  {each.levels.map(level => `${level.value} → ${numberText(level.mean)}`).join(', ')}
                </li>
              ))}
            </ul>
            {note && <p className="nb2svc-Note">{note}</p>}
          </details>
        )}
      </dd>
    </>
  );
}

function Compared({ one, trans }: { readonly one: Comparison; readonly trans: TranslationBundle }): React.JSX.Element {
  const isBad = one.outcome !== 'no_worse';
  const colour = isBad ? (one.declared ? 'refused' : 'warning') : 'ok';
  return (
    <li className={`nb2svc-Run nb2svc-mod-${colour}`}>
      <span aria-hidden="true" className="nb2svc-Run-sign">
        {isBad ? (one.declared ? '✕' : '!') : '✓'}
      </span>{' '}
      <b>{withSegment(one.metric, one.segment)}</b> {comparedWord(one.outcome, trans)}
      {one.mean !== null &&
        one.baseline_mean !== null &&
        trans.__(': %1, was %2', numberText(one.mean), numberText(one.baseline_mean))}
      {'; '}
      {one.declared
        ? trans.__('margin %1', numberText(one.margin))
        : trans.__('margin %1, which nobody declared', numberText(one.margin))}
      {one.reason && <p className="nb2svc-Note">{one.reason}</p>}
    </li>
  );
}
