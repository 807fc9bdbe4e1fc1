/** What becomes of a row: the answer on top, then each statement with the notebook's value beside the service's. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { markOf, partsOf, said, type IStep, type ITraced, type IValue, type Mark } from '../model/rows';
import { standingWord } from './rowlist';

interface IAnswerProps {
  readonly traced: ITraced;
  readonly trans: TranslationBundle;
  readonly beside: 'nearest' | 'row';
  /** The row that was edited. */
  readonly start: number | null;
  readonly compareWith: (beside: 'nearest' | 'row') => void;
  readonly choose: (row: number) => void;
}

export function Answer({ traced, trans, beside, start, compareWith, choose }: IAnswerProps): React.JSX.Element {
  const { result, answer, nearest, judged } = traced;
  return (
    <section className="nb2svc-Answer" aria-label={trans.__('The answer')}>
      {nearest && !judged && start !== null && (
        <p className="nb2svc-Answer-beside">
          {beside === 'row' || nearest.row === start
            ? trans.__('Edited, beside row %1 as it was captured', nearest.row)
            : trans.__('Edited, beside the nearest captured row, %1', nearest.row)}{' '}
          {nearest.row !== start && (
            <button className="nb2svc-Link" onClick={() => choose(nearest.row)}>
              {trans.__('look at row %1', nearest.row)}
            </button>
          )}{' '}
          {(nearest.row !== start || beside === 'row') && (
            <button className="nb2svc-Link" onClick={() => compareWith(beside === 'row' ? 'nearest' : 'row')}>
              {beside === 'row' ? trans.__('show the nearest row instead') : trans.__('show row %1 instead', start)}
            </button>
          )}
        </p>
      )}
      <table className="nb2svc-Values">
        <thead>
          <Head first={trans.__('answer')} judged={judged} trans={trans} />
        </thead>
        <tbody>
          {answer.values.map((value, place) => (
            <ValueRow key={place} value={value} name={value.column || trans.__('answer')} trans={trans} />
          ))}
        </tbody>
      </table>
      <ul className="nb2svc-Answer-notes">
        <li>{origin(traced, trans)}</li>
        {result.status !== 'ok' && (
          <li className={`nb2svc-mod-${result.status}`}>
            {result.status === 'refer'
              ? trans.__('The service refers this row to a person.')
              : trans.__('The service says that this row is invalid.')}
          </li>
        )}
        {result.issues.map(issue => (
          <li key={`${issue.field} ${issue.code}`}>
            <code>{issue.field || issue.code}</code> {issue.message}
          </li>
        ))}
        {answer.knife_edge && <li>{trans.__('On a knife edge: equal inputs but for their last bits, and another answer.')}</li>}
        {traced.checks.map(check => (
          <li key={`${check.name} ${check.where}`}>
            {check.holds === null ? '·' : check.holds ? '✓' : '✕'} <code>{check.name}</code> ({check.where}){' '}
            {check.holds === null ? trans.__('was not reached') : check.holds ? trans.__('holds') : trans.__('does not hold')}
          </li>
        ))}
        {result.probability && (
          <li>
            {trans.__('Probabilities:')}{' '}
            {Object.entries(result.probability)
              .map(([label, chance]) => `${label} ${said(Number(chance.toPrecision(5)), trans.__('missing'))}`)
              .join(' · ')}
          </li>
        )}
      </ul>
    </section>
  );
}

function origin(traced: ITraced, trans: TranslationBundle): string {
  if (traced.dropped) {
    return trans.__('The notebook %1.', traced.dropped);
  }
  switch (traced.answer.source) {
    case 'notebook':
      return trans.__('The notebook predicted this row.');
    case 'model':
      return trans.__('The notebook did not predict this row: its answer is its model’s, asked with its own inputs.');
    case '':
      return trans.__('The notebook has no answer for this row (%1).', standingWord(traced.standing, trans));
  }
}

interface IStepsProps {
  readonly traced: ITraced;
  readonly trans: TranslationBundle;
  readonly reveal: (cell: number, line: number) => void;
  readonly showModule: (cell: number, line: number) => void;
}

export function Steps({ traced, trans, reveal, showModule }: IStepsProps): React.JSX.Element {
  const parting = traced.parting?.statement;
  return (
    <section className="nb2svc-Steps" aria-label={trans.__('Step by step')}>
      {traced.aside && (
        <p className="nb2svc-Note">{trans.__('The service does not answer this row. What its code would make of it:')}</p>
      )}
      {traced.steps.length === 0 && <p className="nb2svc-Note">{trans.__('The row comes to no statement.')}</p>}
      {partsOf(traced).map((part, place) => (
        <section key={place} aria-label={part.title || trans.__('cell %1', part.cell)}>
          <h3>{part.title || trans.__('cell %1', part.cell)}</h3>
          {part.steps.map(step => (
            <Step
              key={step.statement}
              step={step}
              judged={traced.judged}
              first={step.statement === parting}
              trans={trans}
              reveal={() => reveal(step.cell, step.line)}
              showModule={() => showModule(step.cell, step.line)}
            />
          ))}
        </section>
      ))}
      {traced.inputs.values.length > 0 && (
        <section aria-label={trans.__('What the model receives')}>
          <h3>{trans.__('What the model receives')}</h3>
          <Values values={traced.inputs.values} more={traced.inputs.more} judged={traced.judged} trans={trans} />
        </section>
      )}
    </section>
  );
}

interface IStepProps {
  readonly step: IStep;
  readonly judged: boolean;
  /** Whether both part here first. */
  readonly first: boolean;
  readonly trans: TranslationBundle;
  readonly reveal: () => void;
  readonly showModule: () => void;
}

function Step({ step, judged, first, trans, reveal, showModule }: IStepProps): React.JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (first) {
      box.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [first, step.statement]);
  return (
    <div ref={box} className={`nb2svc-Step${first ? ' nb2svc-mod-parting' : ''}`}>
      <div className="nb2svc-Step-line">
        <button className="nb2svc-Link" onClick={reveal} aria-label={trans.__('cell %1, line %2', step.cell, step.line)}>
          {trans.__('line %1', step.line)}
        </button>
        <code title={step.text}>{step.text}</code>
        <button
          className="nb2svc-Link"
          onClick={showModule}
          title={trans.__('Show the generated line')}
          aria-label={trans.__('Show line %1 of %2', step.at, step.file)}
        >
          {`${step.file}:${step.at}`}
        </button>
      </div>
      {first && <p className="nb2svc-Step-first">{trans.__('Here they differ first.')}</p>}
      {step.raised && (
        <p className="nb2svc-Problem">
          {trans.__('The service stops here:')} <code>{step.raised}</code>
        </p>
      )}
      <Values values={step.values} more={step.more} judged={judged} trans={trans} />
      {step.as_before > 0 && (
        <p className="nb2svc-Note">{trans._n('%1 value as before', '%1 values as before', step.as_before)}</p>
      )}
    </div>
  );
}

interface IValuesProps {
  readonly values: readonly IValue[];
  readonly more: number;
  readonly judged: boolean;
  readonly trans: TranslationBundle;
}

function Values({ values, more, judged, trans }: IValuesProps): React.JSX.Element | null {
  if (values.length === 0) {
    return null;
  }
  return (
    <>
      <table className="nb2svc-Values">
        <thead>
          <Head first={trans.__('value')} judged={judged} trans={trans} />
        </thead>
        <tbody>
          {values.map(value => (
            <ValueRow key={nameOf(value)} value={value} name={nameOf(value)} trans={trans} />
          ))}
        </tbody>
      </table>
      {more > 0 && <p className="nb2svc-Note">{trans._n('and %1 more', 'and %1 more', more)}</p>}
    </>
  );
}

function nameOf(value: IValue): string {
  return [value.name, value.column].filter(Boolean).join('.');
}

interface IHeadProps {
  readonly first: string;
  readonly judged: boolean;
  readonly trans: TranslationBundle;
}

function Head({ first, judged, trans }: IHeadProps): React.JSX.Element {
  return (
    <tr>
      <th scope="col">{first}</th>
      <th scope="col">{trans.__('notebook')}</th>
      <th scope="col">
        <span className="nb2svc-Aloud">{judged ? trans.__('equal?') : trans.__('changed?')}</span>
      </th>
      <th scope="col">{trans.__('service')}</th>
    </tr>
  );
}

const SIGNS: Readonly<Record<Mark, string>> = { equal: '=', differs: '≠', changed: '→', same: '', none: '' };

interface IValueRowProps {
  readonly value: IValue;
  readonly name: string;
  readonly trans: TranslationBundle;
}

function ValueRow({ value, name, trans }: IValueRowProps): React.JSX.Element {
  const mark = markOf(value);
  const words: Readonly<Record<Mark, string>> = {
    equal: trans.__('equal'),
    differs: trans.__('differs'),
    changed: trans.__('changed'),
    same: trans.__('the same'),
    none: ''
  };
  return (
    <tr className={`nb2svc-mod-${mark}`}>
      <th scope="row" title={name}>
        {name}
      </th>
      <td title={said(value.notebook, trans.__('missing'))}>{said(value.notebook, trans.__('missing'))}</td>
      <td className="nb2svc-Values-mark">
        <span aria-hidden="true">{SIGNS[mark]}</span>
        <span className="nb2svc-Aloud">{words[mark]}</span>
        {(mark === 'differs' || mark === 'changed') && (
          <span className="nb2svc-Values-word" aria-hidden="true">
            {' '}
            {words[mark]}
          </span>
        )}
      </td>
      <td title={said(value.service, trans.__('missing'))}>{said(value.service, trans.__('missing'))}</td>
    </tr>
  );
}
