/** The fields that a form of a validation is made of: each tells what is wrong with it, and what to write. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IProblem } from '../model/documents';
import { problemText } from '../model/prose';
import type { IValidationForm } from '../model/validation';
import type { NotebookValidation } from '../wiring/validation';
import { Prose } from './prose';

export interface IFormProps {
  readonly validation: NotebookValidation;
  readonly trans: TranslationBundle;
}

export interface IFieldProps extends IFormProps {
  readonly change: (changed: Partial<IValidationForm>) => void;
}

/** A part that most validations need no word of: closed, unless something in it is wrong. */
export function Fold(props: {
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

type TextName = 'segments' | 'repeat' | 'jobs' | 'timeout' | 'baseline' | 'matrix' | 'champion';

export function Text(
  props: IFieldProps & { readonly name: TextName; readonly label: string; readonly placeholder: string }
): React.JSX.Element {
  const { name, label, placeholder, validation, change } = props;
  const id = `nb2svc-validation-${name}`;
  return (
    <div className="nb2svc-Option nb2svc-mod-text">
      <label htmlFor={id}>{label}</label>
      <Entry
        {...{ id, placeholder }}
        value={validation.form[name]}
        problem={validation.wrong(fieldFor(name))}
        write={text => change({ [name]: text })}
      />
    </div>
  );
}

interface IEntryProps {
  readonly id: string;
  readonly value: string;
  readonly placeholder: string;
  readonly problem: IProblem | null;
  readonly write: (text: string) => void;
}

/** What is written into a form, and what is wrong with it; its label, with its `id`, is whoever asks for it. */
export function Entry({ id, value, placeholder, problem, write }: IEntryProps): React.JSX.Element {
  return (
    <>
      <input
        id={id}
        className="jp-mod-styled"
        type="text"
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={value}
        aria-invalid={problem !== null}
        aria-describedby={problem ? `${id}-wrong` : undefined}
        onChange={event => write(event.currentTarget.value)}
      />
      <Wrong id={`${id}-wrong`} problem={problem} />
    </>
  );
}

/** How the server calls a field. */
function fieldFor(name: TextName): string {
  return name === 'champion' ? 'gate.champion' : name;
}

interface IOneOfFilesProps extends IFieldProps {
  readonly name: 'matrix' | 'champion';
  readonly label: string;
  /** The choice to write a file's path, and the label of the field for it. */
  readonly other: string;
  readonly otherLabel: string;
  readonly placeholder: string;
  /** The files near the notebook. */
  readonly offered: readonly string[];
}

/** No file, one of those near the notebook, or another one. */
export function OneOfFiles(props: IOneOfFilesProps): React.JSX.Element {
  const { name, label, other, otherLabel, placeholder, offered, validation, trans, change } = props;
  const value = validation.form[name];
  const isOffered = offered.includes(value);
  const [wantsOther, setWantsOther] = React.useState(false);
  const isOther = (value !== '' && !isOffered) || wantsOther;
  const problem = validation.wrong(fieldFor(name));
  const id = `nb2svc-validation-${name}`;
  const write = (changed: Partial<IValidationForm>) => {
    // The field stays when all that was written is deleted.
    setWantsOther(true);
    change(changed);
  };
  return (
    <>
      <label className="nb2svc-Option nb2svc-mod-text">
        {label}
        <select
          value={isOther ? OTHER : value}
          onFocus={() => validation.lookAgain()}
          aria-invalid={!isOther && problem !== null}
          aria-describedby={!isOther && problem ? `${id}-wrong` : undefined}
          onChange={event => {
            const chosen = event.currentTarget.value;
            setWantsOther(chosen === OTHER);
            change({ [name]: chosen === OTHER ? '' : chosen });
          }}
        >
          <option value="">{trans.__('none')}</option>
          {offered.map(path => (
            <option key={path} value={path}>
              {path}
            </option>
          ))}
          <option value={OTHER}>{other}</option>
        </select>
      </label>
      {isOther && <Text label={otherLabel} {...{ name, placeholder, validation, trans, change: write }} />}
      {!isOther && <Wrong id={`${id}-wrong`} problem={problem} />}
    </>
  );
}

// No path of a server begins so.
const OTHER = '/';

interface ILinesProps extends IFieldProps {
  readonly name: 'margins' | 'lower' | 'higher';
  readonly label: string;
  readonly placeholder: string;
  readonly problems: readonly IProblem[];
}

export function Lines({ name, label, placeholder, problems, validation, change }: ILinesProps): React.JSX.Element {
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
export function Wrong(props: { readonly id: string | undefined; readonly problem: IProblem | null }): React.JSX.Element | null {
  const { id, problem } = props;
  return problem === null ? null : (
    <p id={id} className="nb2svc-Wrong">
      <span aria-hidden="true">✕ </span>
      <Prose text={problemText(problem)} />
    </p>
  );
}
