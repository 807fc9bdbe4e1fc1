/** The fields of a request row, to be edited: each by its kind, a missing value by its own toggle, child rows as a small grid. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import {
  childRows,
  editable,
  editedFields,
  isSame,
  parsed,
  said,
  usual,
  type IField,
  type IIssue,
  type IRequest,
  type Json
} from '../model/rows';

interface IRowFormProps {
  readonly fields: readonly IField[];
  readonly captured: IRequest;
  readonly request: IRequest;
  readonly issues: readonly IIssue[];
  readonly trans: TranslationBundle;
  readonly edit: (name: string, value: Json) => void;
  readonly reset: () => void;
}

export function RowForm({ fields, captured, request, issues, trans, edit, reset }: IRowFormProps): React.JSX.Element {
  const edited = editedFields(captured, request);
  return (
    <section className="nb2svc-RowForm" aria-label={trans.__('The request')}>
      <h3>
        {trans.__('The request')}
        {edited.length > 0 && (
          <button className="nb2svc-Link" onClick={reset}>
            {trans.__('Undo the edits')}
          </button>
        )}
      </h3>
      <div className="nb2svc-RowForm-fields">
        {fields.map(field => (
          <FieldRow
            key={field.name}
            field={field}
            value={request[field.name]}
            before={captured[field.name]}
            rows={childRows(request, field.name)}
            issues={issues.filter(issue => issue.field === field.name)}
            trans={trans}
            edit={value => edit(field.name, value)}
          />
        ))}
      </div>
    </section>
  );
}

interface IFieldRowProps {
  readonly field: IField;
  readonly value: Json | undefined;
  readonly before: Json | undefined;
  readonly rows: readonly IRequest[];
  readonly issues: readonly IIssue[];
  readonly trans: TranslationBundle;
  readonly edit: (value: Json) => void;
}

function FieldRow({ field, value, before, rows, issues, trans, edit }: IFieldRowProps): React.JSX.Element {
  const isEdited = !isSame(value, before);
  const told = `nb2svc-field-${field.name}-told`;
  return (
    <div className={`nb2svc-Field${isEdited ? ' nb2svc-mod-edited' : ''}${field.kind === 'table' ? ' nb2svc-mod-table' : ''}`}>
      <span className="nb2svc-Field-name">{field.name}</span>
      {field.kind === 'table' ? (
        <ChildRows field={field} rows={rows} trans={trans} edit={edit} />
      ) : (
        <Value field={field} label={field.name} value={value} trans={trans} edit={edit} told={told} />
      )}
      <span id={told} className="nb2svc-Field-told">
        {isEdited && (
          <em>{field.kind === 'table' ? trans.__('edited') : trans.__('edited, was %1', said(before, trans.__('missing')))}</em>
        )}
        {issues.map(issue => (
          <span key={issue.code} className="nb2svc-Field-issue">
            {issue.message}
          </span>
        ))}
      </span>
    </div>
  );
}

interface IValueProps {
  readonly field: IField;
  readonly label: string;
  readonly value: Json | undefined;
  readonly trans: TranslationBundle;
  readonly edit: (value: Json) => void;
  readonly told?: string;
}

/** A value with its toggle for none. */
function Value({ field, label, value, trans, edit, told }: IValueProps): React.JSX.Element {
  const isMissing = value === null || value === undefined;
  return (
    <span className="nb2svc-Value">
      {isMissing ? (
        <input type="text" className="jp-mod-styled" aria-label={label} value="" placeholder={trans.__('missing')} disabled />
      ) : (
        <Input field={field} label={label} value={value} trans={trans} edit={edit} {...(told === undefined ? {} : { told })} />
      )}
      <label className="nb2svc-Value-missing">
        <input
          type="checkbox"
          checked={isMissing}
          aria-label={trans.__('%1 is missing', label)}
          onChange={event => edit(event.target.checked ? null : usual(field))}
        />
        <span className="nb2svc-Value-word">{trans.__('missing')}</span>
      </label>
    </span>
  );
}

// What no category is called.
const OTHER = '\u0000';

function Input({ field, label, value, trans, edit, told }: IValueProps): React.JSX.Element {
  // What was typed stays as it was typed: `1.` on the way to `1.5`.
  const [text, setText] = useState<string | null>(null);
  const shown = text !== null && isSame(parsed(field, text), value) ? text : editable(value);
  const choices: readonly Json[] = field.kind === 'boolean' ? [true, false] : field.values;
  const known = choices.some(each => isSame(each, value));
  const [free, setFree] = useState(false);
  const write = (typed: string) => {
    setText(typed);
    edit(parsed(field, typed));
  };
  if (choices.length > 0 && known && !free) {
    return (
      <select
        className="jp-mod-styled"
        aria-label={label}
        aria-describedby={told}
        value={editable(value)}
        onChange={event => {
          if (event.target.value === OTHER) {
            setFree(true);
          } else {
            edit(choices.find(each => editable(each) === event.target.value) ?? null);
          }
        }}
      >
        {choices.map(each => (
          <option key={editable(each)} value={editable(each)}>
            {said(each, trans.__('missing'))}
          </option>
        ))}
        <option value={OTHER}>{trans.__('another value…')}</option>
      </select>
    );
  }
  const numeric = field.kind === 'integer' || field.kind === 'number';
  return (
    <input
      type="text"
      className="jp-mod-styled"
      inputMode={numeric ? 'decimal' : 'text'}
      aria-label={label}
      aria-describedby={told}
      title={
        field.low === null
          ? ''
          : trans.__('training saw %1 to %2', said(field.low, trans.__('missing')), said(field.high, trans.__('missing')))
      }
      value={shown}
      autoFocus={free}
      onChange={event => write(event.target.value)}
      onKeyDown={event => {
        const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (numeric && by !== undefined && typeof value === 'number') {
          event.preventDefault();
          write(String(Number((value + by * (event.shiftKey ? 10 : 1)).toPrecision(12))));
        }
      }}
    />
  );
}

interface IChildRowsProps {
  readonly field: IField;
  readonly rows: readonly IRequest[];
  readonly trans: TranslationBundle;
  readonly edit: (value: Json) => void;
}

const SHOWN = 30;

function ChildRows({ field, rows, trans, edit }: IChildRowsProps): React.JSX.Element {
  const change = (place: number, name: string, value: Json) =>
    edit(rows.map((row, at) => (at === place ? { ...row, [name]: value } : row)));
  return (
    <div className="nb2svc-Child">
      {rows.length > 0 && (
        <table aria-label={field.name}>
          <thead>
            <tr>
              {field.fields.map(each => (
                <th key={each.name} scope="col">
                  {each.name} <span className="nb2svc-Child-missing">{trans.__('☐ missing')}</span>
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row, place) => (
              // Rows have no name of their own; they are only changed in place, added at the end or taken away.
              <tr key={place}>
                {field.fields.map(each => (
                  <td key={each.name}>
                    <Value
                      field={each}
                      label={trans.__('%1 of row %2 in %3', each.name, place + 1, field.name)}
                      value={row[each.name]}
                      trans={trans}
                      edit={value => change(place, each.name, value)}
                    />
                  </td>
                ))}
                <td>
                  <button
                    className="nb2svc-Link"
                    aria-label={trans.__('Remove row %1 of %2', place + 1, field.name)}
                    onClick={() => edit(rows.filter((_, at) => at !== place))}
                  >
                    {trans.__('remove')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > SHOWN && <p className="nb2svc-Note">{trans.__('and %1 more, sent as they are', rows.length - SHOWN)}</p>}
      {rows.length === 0 && <span className="nb2svc-Note">{trans.__('no rows')} </span>}
      <button
        className="nb2svc-Link"
        onClick={() => edit([...rows, Object.fromEntries(field.fields.map(each => [each.name, usual(each)]))])}
      >
        {trans.__('Add a row to %1', field.name)}
      </button>
    </div>
  );
}
