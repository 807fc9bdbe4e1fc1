/** The runs of a validation as a table: those that are not well first, and as many as one can look through. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { problemText } from '../model/prose';
import { differsOnly, FEW, grouped, isBad, metricNames, placeOf, type IRun, type IRunGroup, type RunFilter } from '../model/runs';
import type { NotebookValidation } from '../wiring/validation';
import { timeWords } from './jobwords';
import { Prose } from './prose';
import { checkWord, metricText, pathWord, runLabel, runWords, serviceWords, withSegment } from './validationwords';

interface IRunsProps {
  readonly validation: NotebookValidation;
  readonly trans: TranslationBundle;
}

export function Runs({ validation, trans }: IRunsProps): React.JSX.Element | null {
  const { runs } = validation;
  const [filter, setFilter] = React.useState<RunFilter>('all');
  const [open, setOpen] = React.useState('');
  const toggle = React.useCallback(
    (run: IRun, isOpen: boolean) => {
      setOpen(isOpen ? '' : run.key);
      if (!isOpen && isBad(run)) {
        void validation.revealRun(run);
      }
    },
    [validation]
  );
  const names = metricNames(runs).join('\n');
  const metrics = React.useMemo(() => names.split('\n').filter(name => name !== ''), [names]);
  const bad = runs.filter(isBad).length;
  if (runs.length === 0) {
    return null;
  }
  return (
    <>
      {bad > 0 && (
        <label className="nb2svc-Readiness-choice">
          {trans.__('Show')}
          <select value={filter} onChange={event => setFilter(event.currentTarget.value === 'bad' ? 'bad' : 'all')}>
            <option value="all">{trans.__('all runs (%1)', runs.length)}</option>
            <option value="bad">{trans.__('not well (%1)', bad)}</option>
          </select>
        </label>
      )}
      <div className="nb2svc-Runs" role="region" aria-label={trans.__('Runs')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{trans.__('run')}</th>
              <th scope="col">{trans.__('state')}</th>
              {metrics.map(name => (
                <th key={name} scope="col" className="nb2svc-mod-number">
                  {name}
                </th>
              ))}
              <th scope="col" className="nb2svc-mod-number">
                {trans.__('checks failed')}
              </th>
              <th scope="col" className="nb2svc-mod-number">
                {trans.__('time')}
              </th>
              <th scope="col">{trans.__('path')}</th>
            </tr>
          </thead>
          {grouped(runs, filter).map(group => (
            <Group key={group.status ?? ''} {...{ group, metrics, open, toggle, validation, trans }} />
          ))}
        </table>
      </div>
    </>
  );
}

interface IGroupProps extends IRunsProps {
  readonly group: IRunGroup;
  readonly metrics: readonly string[];
  readonly open: string;
  readonly toggle: (run: IRun, isOpen: boolean) => void;
}

/** The runs of one state, so many that they can be looked through; more of them on demand. */
function Group({ group, metrics, open, toggle, validation, trans }: IGroupProps): React.JSX.Element {
  const [most, setMost] = React.useState(FEW);
  const { status, runs } = group;
  const columns = metrics.length + 5;
  return (
    <tbody>
      {status !== null && (
        <tr className="nb2svc-Runs-group">
          <th scope="rowgroup" colSpan={columns}>
            {trans.__('%1 (%2)', runWords(status, trans).word, runs.length)}
          </th>
        </tr>
      )}
      {runs.slice(0, most).map(run => (
        <React.Fragment key={run.key}>
          <Row run={run} metrics={metrics} isOpen={open === run.key} toggle={toggle} trans={trans} />
          {open === run.key && (
            <tr id={detailsId(run)} className="nb2svc-Run-details">
              <td colSpan={columns}>
                <Details run={run} validation={validation} trans={trans} />
              </td>
            </tr>
          )}
        </React.Fragment>
      ))}
      {runs.length > most && (
        <tr>
          <td colSpan={columns}>
            <button className="nb2svc-Link" onClick={() => setMost(most + 2 * FEW)}>
              {trans.__('Show %1 more of %2', Math.min(2 * FEW, runs.length - most), runs.length)}
            </button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

interface IRowProps {
  readonly run: IRun;
  readonly metrics: readonly string[];
  readonly isOpen: boolean;
  readonly toggle: (run: IRun, isOpen: boolean) => void;
  readonly trans: TranslationBundle;
}

/** Drawn again only where its own run changed: others are told many times a second. */
const Row = React.memo(function Row({ run, metrics, isOpen, toggle, trans }: IRowProps): React.JSX.Element {
  const { sign, word, colour } = runWords(run.status, trans);
  const state = differsOnly(run) ? trans.__('the service differs') : word;
  const isEnded = run.status !== 'running' && run.status !== 'not_run';
  const failed = run.failed.filter(check => check.outcome !== 'not_reached' && !check.segment).length;
  return (
    <tr className={`nb2svc-Run nb2svc-mod-${colour}`} data-run={run.label} data-status={run.status}>
      <th scope="row">
        {isEnded ? (
          <button
            className="nb2svc-Link"
            aria-expanded={isOpen}
            aria-controls={isOpen ? detailsId(run) : undefined}
            onClick={() => toggle(run, isOpen)}
          >
            {runLabel(run, trans)}
          </button>
        ) : (
          runLabel(run, trans)
        )}
      </th>
      <td>
        <span aria-hidden="true" className="nb2svc-Run-sign">
          {sign}
        </span>{' '}
        {run.status === 'running' && run.at !== null ? trans.__('cell %1 of %2', run.at, run.cells) : state}
      </td>
      {metrics.map(name => (
        <td key={name} className="nb2svc-mod-number">
          {metricText(run.metrics.find(metric => metric.name === name && !metric.segment))}
        </td>
      ))}
      <td className="nb2svc-mod-number">{isEnded ? trans.__('%1 of %2', failed, run.checks) : ''}</td>
      <td className="nb2svc-mod-number">{isEnded ? timeWords(run.seconds, trans) : ''}</td>
      <td>{isEnded ? pathWord(run, trans) : ''}</td>
    </tr>
  );
});

/** Why a run is not well, with the way to the cell, and what it left. */
function Details({ run, validation, trans }: IRunsProps & { readonly run: IRun }): React.JSX.Element {
  const { failure, problem, service } = run;
  const place = placeOf(run);
  const segments = run.metrics.filter(metric => metric.segment);
  const told = run.failed.filter(check => check.outcome !== 'not_reached');
  const left = run.failed.length - told.length;
  const link = (cell: number, line: number) => (
    <button className="nb2svc-Link" onClick={() => void validation.revealPlace(cell, line)}>
      {line > 0 ? trans.__('cell %1, line %2', cell, line) : trans.__('cell %1', cell)}
    </button>
  );
  return (
    <div className="nb2svc-Error" role="group" aria-label={trans.__('What the run said')}>
      {failure && (
        <>
          <p className="nb2svc-Error-what">
            <Prose text={failure.what} />
          </p>
          <dl>
            {place && failure.cell > 0 && <Pair name={trans.__('where')}>{link(failure.cell, failure.line)}</Pair>}
            {failure.why && <Pair name={trans.__('why')}>{failure.why}</Pair>}
            {failure.fix && <Pair name={trans.__('do this')}>{failure.fix}</Pair>}
          </dl>
          {failure.details && (
            <pre tabIndex={0} aria-label={trans.__('Details')}>
              {failure.details}
            </pre>
          )}
        </>
      )}
      {told.map(check => (
        <React.Fragment key={`${check.name} ${check.cell} ${check.segment}`}>
          <p className="nb2svc-Error-what">
            {trans.__('Check %1 %2: %3', withSegment(check.name, check.segment), checkWord(check.outcome, trans), check.message)}
          </p>
          <dl>
            <Pair name={trans.__('where')}>{link(check.cell, check.line)}</Pair>
            {check.values.map(([text, value]) => (
              <Pair key={text} name={<code>{text}</code>}>
                <code>{value}</code>
              </Pair>
            ))}
          </dl>
        </React.Fragment>
      ))}
      {!failure && told.length === 0 && (
        <p>{run.checks === 0 ? trans.__('The notebook has no check.') : trans.__('All that it checks holds.')}</p>
      )}
      {left > 0 && <p className="nb2svc-Note">{trans._n('%1 check was not reached.', '%1 checks were not reached.', left)}</p>}
      {service && (
        <p>
          {trans.__('The service %1: %2', service.project, serviceWords(service.status, trans).word)}
          {service.compared > 0 && trans.__(', %1 of %2 rows identical', service.identical, service.compared)}
          {service.status !== 'fail' && service.reason && `: ${service.reason}`}
        </p>
      )}
      {problem && (
        <p className="nb2svc-Wrong">
          <Prose text={problemText(problem)} />
        </p>
      )}
      {segments.length > 0 && (
        <dl>
          {segments.map(metric => (
            <Pair key={`${metric.name} ${metric.segment}`} name={withSegment(metric.name, metric.segment)}>
              {metricText(metric) || metric.note}
            </Pair>
          ))}
        </dl>
      )}
      {run.pathNote && <p className="nb2svc-Note">{trans.__('By no faster path: %1', run.pathNote)}</p>}
      <p>
        <a href={validation.page(run)} target="_blank" rel="noopener noreferrer">
          {trans.__('Open its executed notebook')}
        </a>
      </p>
    </div>
  );
}

function Pair(props: { readonly name: React.ReactNode; readonly children: React.ReactNode }): React.JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

function detailsId(run: IRun): string {
  return `nb2svc-run-${run.key}`;
}
