/** What a person says of a validation: parameters with one value or many, and how they are run and judged. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { OfferedParameter } from '../model/schema';
import { typed, UNSAID, type IField, type IValidationForm } from '../model/validation';
import { Entry, Fold, OneOfFiles, Text, Wrong, type IFieldProps, type IFormProps } from './formfields';
import { Judging } from './judging';

export function ValidationForm({ validation, trans }: IFormProps): React.JSX.Element {
  const { form, parameters } = validation;
  const change = (changed: Partial<IValidationForm>) => {
    validation.form = { ...form, ...changed };
  };
  return (
    <form
      className="nb2svc-ValidationForm"
      onSubmit={event => {
        event.preventDefault();
        void validation.start();
      }}
    >
      {parameters?.length === 0 && (
        <p className="nb2svc-Note">
          {trans.__(
            'No cell is tagged “parameters”, so all runs would be equal. Tag the cell that sets a seed or other values (property inspector, cell tags).'
          )}
        </p>
      )}
      {parameters && parameters.length > 0 && (
        <fieldset className="nb2svc-Parameters">
          <legend>{trans.__('Parameters')}</legend>
          {parameters.map(parameter => (
            <Parameter key={parameter.name} parameter={parameter} validation={validation} trans={trans} change={change} />
          ))}
        </fieldset>
      )}
      <Gone validation={validation} trans={trans} change={change} />
      {(parameters?.length !== 0 || form.matrix !== '') && (
        <OneOfFiles
          name="matrix"
          label={trans.__('Sets of parameters from a file')}
          other={trans.__('another YAML file')}
          otherLabel={trans.__('YAML file')}
          placeholder={trans.__('cases.yaml')}
          offered={validation.planned?.offered?.matrices ?? []}
          {...{ validation, trans, change }}
        />
      )}
      <Fold title={trans.__('How they are run')} isWrong={WAYS.some(name => validation.wrong(name) !== null)}>
        <Text
          name="segments"
          label={trans.__('Judge again on each part of the held-out rows, by column')}
          placeholder={trans.__('region, gender')}
          {...{ validation, trans, change }}
        />
        <Text name="repeat" label={trans.__('Repeat each')} placeholder={trans.__('1')} {...{ validation, trans, change }} />
        <Text
          name="jobs"
          label={trans.__('At the same time')}
          placeholder={trans.__('half of the processors')}
          {...{ validation, trans, change }}
        />
        <Text
          name="timeout"
          label={trans.__('Stop a run after')}
          placeholder={trans.__('10m')}
          {...{ validation, trans, change }}
        />
        <label className="nb2svc-Option">
          <input type="checkbox" checked={form.fresh} onChange={event => change({ fresh: event.currentTarget.checked })} />
          {trans.__('Make all runs, also those that are known')}
        </label>
        <label className="nb2svc-Option">
          <input type="checkbox" checked={form.fork} onChange={event => change({ fork: event.currentTarget.checked })} />
          {trans.__('Fork kernels from one that has imported the libraries')}
        </label>
        <label className="nb2svc-Option">
          <input type="checkbox" checked={form.reuse} onChange={event => change({ reuse: event.currentTarget.checked })} />
          {trans.__('Run cells once that no varying parameter reaches')}
        </label>
      </Fold>
      <Judging validation={validation} trans={trans} change={change} />
    </form>
  );
}

const WAYS = ['segments', 'repeat', 'jobs', 'timeout'] as const;

function Parameter(props: IFieldProps & { readonly parameter: OfferedParameter }): React.JSX.Element {
  const { parameter, validation, trans, change } = props;
  const { name } = parameter;
  const field = validation.form.fields.get(name) ?? UNSAID;
  const set = (next: IField) => change({ fields: new Map([...validation.form.fields, [name, next]]) });
  const problem = validation.wrong(`parameters.${name}`) ?? validation.wrong(`grid.${name}`);
  const id = `nb2svc-parameter-${name}`;
  const hint =
    field.kind === 'grid'
      ? parameter.kind === 'int'
        ? '1..10'
        : manyHint(parameter)
      : trans.__('%1 (as it is)', parameter.default);
  return (
    <div className="nb2svc-Parameter" data-parameter={name}>
      <label htmlFor={id} className="nb2svc-Parameter-name">
        <code>{name}</code> <span className="nb2svc-Note">{kindWord(parameter.kind, trans)}</span>
      </label>
      {parameter.computed ? (
        <>
          <p id={id} className="nb2svc-Note">
            {trans.__('is %1; the cell computes with it, so it can’t be given.', parameter.default)}
          </p>
          <Wrong id={`${id}-wrong`} problem={problem} />
        </>
      ) : (
        <>
          <select
            aria-label={trans.__('%1: one value or many', name)}
            value={field.kind}
            onChange={event => set({ ...field, kind: event.currentTarget.value === 'grid' ? 'grid' : 'value' })}
          >
            <option value="value">{trans.__('one value')}</option>
            <option value="grid">{trans.__('many')}</option>
          </select>
          <Entry {...{ id, problem }} value={field.text} placeholder={hint} write={text => set(typed(field, text, parameter))} />
        </>
      )}
    </div>
  );
}

/** Names that were given and that the notebook does not have any more: what is asked for must be in sight. */
function Gone({ validation, trans, change }: IFieldProps): React.JSX.Element | null {
  const { form, parameters } = validation;
  const names = new Set(parameters?.map(each => each.name));
  const gone = parameters ? [...form.fields].filter(([name, field]) => !names.has(name) && field.text.trim() !== '') : [];
  return gone.length === 0 ? null : (
    <ul>
      {gone.map(([name, field]) => (
        <li key={name} className="nb2svc-Wrong">
          {trans.__('%1=%2: the notebook has no such parameter.', name, field.text)}{' '}
          <button
            type="button"
            className="nb2svc-Link"
            onClick={() => change({ fields: new Map([...form.fields].filter(([each]) => each !== name)) })}
          >
            {trans.__('Leave %1 out', name)}
          </button>
        </li>
      ))}
    </ul>
  );
}

function manyHint({ kind, default: value }: OfferedParameter): string {
  switch (kind) {
    case 'bool':
      return '[true, false]';
    case 'float':
      return `[${value}, …]`;
    case 'text':
      return '["a", "b"]';
    default:
      return `[${value}, …]`;
  }
}

function kindWord(kind: OfferedParameter['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'bool':
      return trans.__('true or false');
    case 'int':
      return trans.__('whole number');
    case 'float':
      return trans.__('number');
    case 'text':
      return trans.__('text');
    case 'other':
      return '';
  }
}
