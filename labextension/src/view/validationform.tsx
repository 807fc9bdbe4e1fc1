/** What a person says of a validation: parameters with one value or many, and how they are run and judged. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IProblem } from '../model/documents';
import { problemText } from '../model/prose';
import type { OfferedParameter } from '../model/schema';
import { typed, UNSAID, type IField, type IValidationForm } from '../model/validation';
import type { NotebookValidation } from '../wiring/validation';
import { Prose } from './prose';

interface IFormProps {
  readonly validation: NotebookValidation;
  readonly trans: TranslationBundle;
}

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

/** A part that most validations need no word of: closed, unless something in it is wrong. */
function Fold(props: {
  readonly title: string;
  readonly isWrong: boolean;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  return (
    <details className="nb2svc-Options" open={isOpen || props.isWrong} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}

interface IFieldProps extends IFormProps {
  readonly change: (changed: Partial<IValidationForm>) => void;
}

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
        <p id={id} className="nb2svc-Note">
          {trans.__('is %1; the cell computes with it, so it can’t be given.', parameter.default)}
        </p>
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
          <input
            id={id}
            className="jp-mod-styled"
            type="text"
            spellCheck={false}
            autoComplete="off"
            value={field.text}
            placeholder={hint}
            aria-invalid={problem !== null}
            aria-describedby={problem ? `${id}-wrong` : undefined}
            onChange={event => set(typed(field, event.currentTarget.value, parameter))}
          />
        </>
      )}
      <Wrong id={`${id}-wrong`} problem={problem} />
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

function Judging({ validation, trans, change }: IFieldProps): React.JSX.Element {
  const { form, planned } = validation;
  const last = planned?.last ?? null;
  const isFile = form.baseline !== '' && form.baseline !== 'last';
  const [wantsFile, setWantsFile] = React.useState(isFile);
  const isWrong =
    validation.wrong('baseline') !== null || validation.wrong('lower') !== null || validation.wrongIn('margins').length > 0;
  const chosen = isFile || wantsFile ? 'file' : form.baseline;
  return (
    <Fold title={trans.__('What they are compared with')} isWrong={isWrong}>
      <label className="nb2svc-Option nb2svc-mod-text">
        {trans.__('Baseline')}
        <select
          value={chosen}
          onChange={event => {
            const { value } = event.currentTarget;
            setWantsFile(value === 'file');
            change({ baseline: value === 'last' ? 'last' : '' });
          }}
        >
          <option value="">{trans.__('none')}</option>
          <option value="last">
            {last
              ? trans._n('the last validation: %1 run', 'the last validation: %1 runs', last.runs)
              : trans.__('the last validation')}
          </option>
          <option value="file">{trans.__('a file, or one in a revision of git')}</option>
        </select>
      </label>
      {chosen === 'file' && (
        <Text
          name="baseline"
          label={trans.__('File')}
          placeholder={trans.__('main:champion.json')}
          {...{ validation, trans, change }}
        />
      )}
      {chosen !== 'file' && <Wrong id="nb2svc-baseline-wrong" problem={validation.wrong('baseline')} />}
      <Lines
        name="margins"
        label={trans.__('A metric may be worse by, one a line')}
        placeholder={`${last?.metrics[0] ?? 'auc'}=0.01`}
        problems={validation.wrongIn('margins')}
        {...{ validation, trans, change }}
      />
      {last && last.metrics.length > 0 && (
        <p className="nb2svc-Note">{trans.__('Metrics of the last validation: %1', last.metrics.join(', '))}</p>
      )}
      <Lines
        name="lower"
        label={trans.__('Of these metrics less is better, one a line')}
        placeholder={trans.__('cost')}
        problems={[validation.wrong('lower')].flatMap(each => each ?? [])}
        {...{ validation, trans, change }}
      />
      <Lines
        name="higher"
        label={trans.__('Of these metrics more is better, one a line')}
        placeholder={trans.__('profit')}
        problems={[]}
        {...{ validation, trans, change }}
      />
    </Fold>
  );
}

type TextName = 'segments' | 'repeat' | 'jobs' | 'timeout' | 'baseline';

function Text(
  props: IFieldProps & { readonly name: TextName; readonly label: string; readonly placeholder: string }
): React.JSX.Element {
  const { name, label, placeholder, validation, change } = props;
  const problem = validation.wrong(name);
  const id = `nb2svc-validation-${name}`;
  return (
    <div className="nb2svc-Option nb2svc-mod-text">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="jp-mod-styled"
        type="text"
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={validation.form[name]}
        aria-invalid={problem !== null}
        aria-describedby={problem ? `${id}-wrong` : undefined}
        onChange={event => change({ [name]: event.currentTarget.value })}
      />
      <Wrong id={`${id}-wrong`} problem={problem} />
    </div>
  );
}

interface ILinesProps extends IFieldProps {
  readonly name: 'margins' | 'lower' | 'higher';
  readonly label: string;
  readonly placeholder: string;
  readonly problems: readonly IProblem[];
}

function Lines({ name, label, placeholder, problems, validation, change }: ILinesProps): React.JSX.Element {
  const id = `nb2svc-validation-${name}`;
  return (
    <div className="nb2svc-Option nb2svc-mod-text">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="jp-mod-styled"
        rows={2}
        spellCheck={false}
        placeholder={placeholder}
        value={validation.form[name]}
        aria-invalid={problems.length > 0}
        aria-describedby={problems.length > 0 ? `${id}-wrong` : undefined}
        onChange={event => change({ [name]: event.currentTarget.value })}
      />
      <div id={`${id}-wrong`}>
        {problems.map(problem => (
          <Wrong key={problem.what} id={undefined} problem={problem} />
        ))}
      </div>
    </div>
  );
}

/** What is wrong with a field, and what to write. */
function Wrong(props: { readonly id: string | undefined; readonly problem: IProblem | null }): React.JSX.Element | null {
  const { id, problem } = props;
  return problem === null ? null : (
    <p id={id} className="nb2svc-Wrong">
      <span aria-hidden="true">✕ </span>
      <Prose text={problemText(problem)} />
    </p>
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
