import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { columnText, shown, type IContract } from '../model/contract';
import type { Role } from '../model/directive';
import type { IChoice, IFix, IPromisedState, IPromisedTable, ISpan } from '../model/documents';
import { Override, type IOverruling } from './override';
import { Section } from './section';
import { Statements } from './statements';

interface IContractProps extends IOverruling {
  readonly contract: IContract;
  /** Whether it is of an earlier state of the notebook, which can't be compiled now. */
  readonly isEarlier: boolean;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
  readonly mark: (span: ISpan | null) => void;
  readonly setRole: (cell: number, role: Role | null) => void;
  readonly change: (fix: IFix) => void;
  readonly showModules: () => void;
  readonly showRows: () => void;
}

/** What would be served, and which statements are in or out of it; each inference with a way to overrule it. */
export function Contract(props: IContractProps): React.JSX.Element {
  const { contract, isEarlier, trans, showModules, showRows } = props;
  const { promise } = contract;
  return (
    <Section id="service" title={trans.__('The service')}>
      <p className="nb2svc-Note">
        {promise.captured
          ? trans.__('Columns, types and values as the run of %1 saw them.', moment(promise.captured))
          : promise.note || trans.__('From the source alone: columns, types and values are known after a build.')}
      </p>
      {isEarlier && (
        <p className="nb2svc-Note">
          {trans.__(
            'The notebook can’t be compiled as it is now; this is what it was before. What you overruled can be taken back here.'
          )}
        </p>
      )}
      <div className="nb2svc-Acts">
        <button className="jp-mod-styled" onClick={showModules}>
          {trans.__('Show its modules')}
        </button>
        <button className="jp-mod-styled" onClick={showRows}>
          {trans.__('Show its rows, step by step')}
        </button>
      </div>
      <div className="nb2svc-Contract">
        <Request {...props} />
        <Features {...props} />
        <Remembered {...props} />
        <Model {...props} />
        <Checks {...props} />
        <Statements {...props} />
      </div>
    </Section>
  );
}

function Request(props: IContractProps): React.JSX.Element {
  const { contract, trans } = props;
  const { tables, target } = contract.promise;
  return (
    <Part title={trans.__('A request carries')}>
      {tables.length === 0 && <p>{trans.__('no value that is loaded')}</p>}
      {tables.map(table => (
        <Table key={table.name} table={table} {...props} />
      ))}
      <Choices
        {...props}
        words={{
          raw: trans.__('the value that a request carries'),
          request: trans.__('tables that come with each row'),
          lookup: trans.__('tables that ship with the service'),
          optional: trans.__('more columns that may be missing'),
          target: target ? trans.__('the target, which no request has') : trans.__('the target, known after a build')
        }}
      />
    </Part>
  );
}

function Table({ table, trans, reveal }: IContractProps & { readonly table: IPromisedTable }): React.JSX.Element {
  const asked = table.columns.filter(column => column.use === 'read');
  const rest = table.columns.length - asked.length;
  return (
    <div className="nb2svc-Table">
      <code>{table.name}</code> {roleOf(table, trans)} <Place span={table.span} trans={trans} reveal={reveal} />
      {table.role !== 'lookup' && asked.length > 0 && (
        <table aria-label={trans.__('Columns of %1', table.name)}>
          <tbody>
            {asked.map(column => (
              <tr key={column.name}>
                <th scope="row">{column.name}</th>
                <td title={column.dtype}>
                  {columnText(column)}
                  {column.optional && <em> {trans.__('may be missing')}</em>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {table.role !== 'lookup' && rest > 0 && (
        <p className="nb2svc-Note">
          {trans._n(
            '%1 other column is not asked for: %2',
            '%1 other columns are not asked for: %2',
            rest,
            unasked(table, trans)
          )}
        </p>
      )}
    </div>
  );
}

function unasked(table: IPromisedTable, trans: TranslationBundle): string {
  const words = { target: trans.__('the target'), key: trans.__('only joins'), unused: '', read: '' };
  return table.columns
    .filter(column => column.use !== 'read')
    .map(column => (words[column.use] ? `${column.name} (${words[column.use]})` : column.name))
    .join(', ');
}

function roleOf(table: IPromisedTable, trans: TranslationBundle): string {
  switch (table.role) {
    case 'main':
      return table.kind === 'frame' ? trans.__('a row of it') : trans.__('an item of it');
    case 'child':
      return trans.__('its rows of each request row');
    case 'lookup':
      return trans.__('ships with the service');
  }
}

function Features({ contract, trans, reveal }: IContractProps): React.JSX.Element {
  const columns = contract.promise.features;
  return (
    <Part title={trans.__('The model reads')}>
      <p>
        <code>{contract.features.text || trans.__('what the loaded model takes')}</code>{' '}
        <Place span={contract.features.span} trans={trans} reveal={reveal} />
      </p>
      {columns.length > 0 && (
        <details>
          <summary>{trans._n('%1 feature', '%1 features', columns.length)}</summary>
          <p className="nb2svc-Names">{columns.join(', ')}</p>
        </details>
      )}
    </Part>
  );
}

function Remembered({ contract, trans, reveal, mark }: IContractProps): React.JSX.Element | null {
  const { state, captured } = contract.promise;
  if (state.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Remembered from training')}>
      <ul className="nb2svc-States">
        {state.map(each => (
          <li key={each.name} onMouseEnter={() => mark(each.span)} onMouseLeave={() => mark(null)}>
            <code>{each.name}</code> {held(each, trans)} <Place span={each.span} trans={trans} reveal={reveal} />
            <div className="nb2svc-Note">
              <code>{each.text}</code>
            </div>
          </li>
        ))}
      </ul>
      {!captured && (
        <p className="nb2svc-Note">{trans.__('A guess from the source: a build finds out what depends on many rows.')}</p>
      )}
    </Part>
  );
}

function held(state: IPromisedState, trans: TranslationBundle): string {
  if (state.value) {
    return `= ${shown(state.value)}`;
  }
  return state.entries > 1 ? trans._n('(%1 entry)', '(%1 entries)', state.entries) : '';
}

function Model(props: IContractProps): React.JSX.Element {
  const { contract, trans, reveal } = props;
  const { answer } = contract.promise;
  return (
    <Part title={trans.__('The model and its answer')}>
      <p>
        <code>{contract.model.name}</code> <span title={contract.model.type}>{lastName(contract.model.type)}</span>{' '}
        <Place span={contract.model.span} trans={trans} reveal={reveal} />
      </p>
      <p>
        <code>{contract.answer.text}</code> <Place span={contract.answer.span} trans={trans} reveal={reveal} />
      </p>
      {answer.kind && (
        <p className="nb2svc-Note">
          {[answer.kind, answer.dtype, answer.names.join(', '), answer.classes.map(shown).join(', ')].filter(Boolean).join(' · ')}
        </p>
      )}
      <Choices
        {...props}
        words={{
          estimator: trans.__('the model'),
          output: trans.__('the answer'),
          answer_outside_domain: trans.__('rows outside what training saw are answered, too')
        }}
      />
    </Part>
  );
}

function Checks(props: IContractProps): React.JSX.Element | null {
  const { contract, trans } = props;
  if (contract.checks.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Checks')}>
      {contract.checks.map(check => (
        <div key={check.cell}>
          {trans.__('%1 (cell %2)', check.name, check.cell)}
          {check.why && <p className="nb2svc-Note">{check.why}</p>}
          {contract.promise.choices
            .filter(choice => choice.key === 'serve' && choice.cell === check.cell)
            .map(choice => (
              <Override
                {...props}
                key={choice.key}
                choice={choice}
                what={trans.__('%1 holds for each request, too', check.name)}
              />
            ))}
        </div>
      ))}
    </Part>
  );
}

/** The choices that have words here, in their order. */
function Choices(props: IContractProps & { readonly words: Readonly<Record<string, string>> }): React.JSX.Element {
  const { contract, words } = props;
  const found = contract.promise.choices.flatMap((choice: IChoice) => {
    const what = words[choice.key];
    return what === undefined ? [] : [<Override {...props} key={choice.key} choice={choice} what={what} />];
  });
  return <>{found}</>;
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }): React.JSX.Element {
  return (
    <div className="nb2svc-Part" role="group" aria-label={title}>
      <h4>{title}</h4>
      {children}
    </div>
  );
}

interface IPlaceProps {
  readonly span: ISpan;
  readonly trans: TranslationBundle;
  readonly reveal: (span: ISpan) => void;
}

/** A place of the notebook, as a link. */
export function Place({ span, trans, reveal }: IPlaceProps): React.JSX.Element {
  return (
    <button className="nb2svc-Link" onClick={() => reveal(span)}>
      {trans.__('cell %1, line %2', span.cell, span.line)}
    </button>
  );
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function moment(text: string): string {
  return text.replace('T', ' ').replace(/:\d\dZ$/, ' UTC');
}
