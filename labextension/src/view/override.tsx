/** An inference that a person may overrule: what else it could be, how that is written, and the way back. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { fault, namesIn } from '../model/contract';
import type { IChoice } from '../model/documents';
import { spelt, type IGiven } from '../model/options';
import { Selection } from './selection';

/** What the panel can do with a choice. */
export interface IOverruling {
  readonly trans: TranslationBundle;
  readonly isReadOnly: boolean;
  /** What the cell's tag says on the screen, which may be newer than the analysis. */
  readonly given: (choice: IChoice) => IGiven | null;
  readonly set: (choice: IChoice, value: string | null) => void;
}

interface IOverrideProps extends IOverruling {
  readonly choice: IChoice;
  /** What is inferred, as a clause: "the value that a request carries". */
  readonly what: string;
}

export function Override(props: IOverrideProps): React.JSX.Element {
  const { choice, what, trans, isReadOnly, given, set } = props;
  const [open, setOpen] = React.useState(false);
  const said = given(choice);
  const value = said?.value ?? choice.value;
  const classes = [
    'nb2svc-Override',
    ...(said ? ['nb2svc-mod-given'] : []),
    ...(choice.kind === 'flag' ? ['nb2svc-mod-flag'] : [])
  ];
  const id = `nb2svc-choice-${choice.key}-${choice.cell ?? 0}`;
  return (
    <div className={classes.join(' ')} data-choice={choice.key}>
      {choice.kind === 'flag' && (
        <input
          type="checkbox"
          aria-label={what}
          checked={value === 'true'}
          disabled={isReadOnly || choice.cell === null}
          onChange={event => set(choice, event.target.checked ? 'true' : null)}
        />
      )}
      <span className="nb2svc-Override-what">{what}</span>
      {value !== '' && choice.kind !== 'flag' && <code>{value}</code>}
      {said && <span className="nb2svc-Override-sign">{trans.__('overruled')}</span>}
      <span className="nb2svc-Override-acts">
        {choice.kind !== 'flag' && (
          <button
            className="nb2svc-Link"
            aria-expanded={open}
            aria-controls={id}
            aria-label={trans.__('Change %1', what)}
            disabled={isReadOnly || choice.cell === null}
            title={choice.cell === null ? trans.__('Tag a cell as %1 first', choice.role) : trans.__('Say it yourself')}
            onClick={() => setOpen(!open)}
          >
            {trans.__('change')}
          </button>
        )}
        {said && (
          <button
            className="nb2svc-Link"
            aria-label={trans.__('Back to what is inferred for %1', what)}
            disabled={isReadOnly}
            onClick={() => set(choice, null)}
          >
            {trans.__('back')}
          </button>
        )}
      </span>
      {open && choice.kind !== 'flag' && (
        <div className="nb2svc-Override-field" id={id}>
          <Field
            key={value}
            {...props}
            value={value}
            set={(one, chosen) => {
              setOpen(false);
              set(one, chosen);
            }}
          />
        </div>
      )}
      {said && (
        <div className="nb2svc-Override-text">
          {said.where === 'source' ? trans.__('in the cell’s tag:') : trans.__('in the cell’s metadata, the same as:')}{' '}
          <code>{`# nb2svc: ${choice.role} ${spelt(choice.key, said.value)}`}</code>
        </div>
      )}
    </div>
  );
}

interface IFieldProps extends IOverrideProps {
  readonly value: string;
}

function Field(props: IFieldProps): React.JSX.Element {
  switch (props.choice.kind) {
    case 'names':
      return <Boxes {...props} />;
    case 'column':
    case 'columns':
      return <Text {...props} />;
    default:
      return <Choose {...props} />;
  }
}

function Choose({ choice, what, value, set, trans }: IFieldProps): React.JSX.Element {
  const names = choice.candidates.includes(value) || value === '' ? choice.candidates : [value, ...choice.candidates];
  return (
    <Selection autoFocus label={what} value={value} trans={trans} choose={chosen => set(choice, chosen)}>
      {value === '' && <option value="">{trans.__('(none)')}</option>}
      {names.map(name => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </Selection>
  );
}

function Boxes({ choice, what, value, set, trans }: IFieldProps): React.JSX.Element {
  const [chosen, setChosen] = React.useState<readonly string[]>(namesIn(value));
  const toggle = (name: string) => setChosen(chosen.includes(name) ? chosen.filter(each => each !== name) : [...chosen, name]);
  return (
    <fieldset aria-label={what}>
      {choice.candidates.map((name, index) => (
        <label key={name}>
          <input type="checkbox" autoFocus={index === 0} checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
        </label>
      ))}
      <button className="jp-mod-styled" onClick={() => set(choice, chosen.length > 0 ? chosen.join(',') : null)}>
        {trans.__('Set')}
      </button>
    </fieldset>
  );
}

function Text({ choice, what, value, set, trans }: IFieldProps): React.JSX.Element {
  const [text, setText] = React.useState(value);
  const wrong = fault(choice, text);
  const list = `nb2svc-columns-${choice.key}`;
  const commit = () => {
    if (wrong === '') {
      set(choice, choice.kind === 'columns' ? namesIn(text).join(',') : text.trim());
    }
  };
  return (
    <>
      <input
        autoFocus
        className="nb2svc-Name"
        value={text}
        list={list}
        spellCheck={false}
        aria-label={what}
        aria-invalid={wrong === 'unknown'}
        aria-describedby={`${list}-said`}
        placeholder={choice.kind === 'columns' ? trans.__('columns, with commas') : trans.__('a column')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            commit();
          }
        }}
      />
      <datalist id={list}>
        {choice.candidates.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button className="jp-mod-styled" disabled={wrong !== ''} onClick={commit}>
        {trans.__('Set')}
      </button>
      <div id={`${list}-said`} className="nb2svc-Note" role="status">
        {wrong === 'unknown' && trans.__('Of these columns: %1', choice.candidates.join(', '))}
      </div>
    </>
  );
}
