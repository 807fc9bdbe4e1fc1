import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isName, ROLES, type Role } from '../model/directive';
import { isTold } from '../model/summary';
import type { ICellItem } from '../wiring/session';
import { Section } from './section';
import { contradiction, roleWord, stateWords } from './words';

export interface ICellListProps {
  readonly items: readonly ICellItem[];
  readonly trans: TranslationBundle;
  readonly isReadOnly: boolean;
  readonly setRole: (id: string, role: Role | null, name?: string) => void;
  readonly reveal: (id: string) => void;
}

/** The name of this section. */
export const CELLS = 'cells';

/** Every code cell: its number, its first line and its role; a tagged one also its state and its name. */
export function CellList(props: ICellListProps): React.JSX.Element {
  const { items, trans } = props;
  const tagged = items.filter(item => item.directive !== null).length;
  return (
    <Section id={CELLS} title={trans.__('Cells')} badge={{ count: tagged, words: trans._n('%1 tagged', '%1 tagged', tagged) }}>
      <ol className="nb2svc-CellList">
        {items.map(item => (
          <MemoCellRow key={item.id} item={item} {...props} />
        ))}
      </ol>
    </Section>
  );
}

/** A row is drawn again when what it shows changed: a long list is gone through at every key. */
const MemoCellRow = React.memo(CellRow, (before, after) => {
  const [one, other] = [before.item, after.item];
  return (
    before.isReadOnly === after.isReadOnly &&
    before.setRole === after.setRole &&
    before.reveal === after.reveal &&
    one.number === other.number &&
    one.line === other.line &&
    one.directive === other.directive &&
    one.contradictory === other.contradictory &&
    isSigned(one) === isSigned(other) &&
    (!isSigned(one) || one.state === other.state)
  );
});

/** Whether a row has the sign of its state: a cell without a role has one where something was found in it. */
function isSigned(item: ICellItem): boolean {
  return item.directive !== null || item.findings.some(isTold);
}

function CellRow(props: ICellListProps & { readonly item: ICellItem }): React.JSX.Element {
  const { item, trans, isReadOnly, setRole, reveal } = props;
  const { directive } = item;
  const state = stateWords(item.state, trans);
  const classes = ['nb2svc-CellRow', ...(directive ? ['nb2svc-mod-tagged', `nb2svc-mod-${directive.role}`] : [])];
  return (
    <li className={classes.join(' ')} data-cell-id={item.id}>
      <button
        className="nb2svc-CellRow-line"
        title={trans.__('Go to this cell')}
        aria-label={trans.__('Go to cell %1: %2', item.number, item.line)}
        onClick={() => reveal(item.id)}
      >
        <span className="nb2svc-CellRow-number">{item.number}</span>
        <code>{item.line || trans.__('(empty)')}</code>
        {isSigned(item) && (
          <span className={`nb2svc-State nb2svc-mod-${item.state}`} title={state.word} aria-label={state.word} role="img">
            {state.sign}
          </span>
        )}
      </button>
      <div className="nb2svc-CellRow-role">
        <select
          className="nb2svc-Role"
          value={directive?.role ?? ''}
          disabled={isReadOnly}
          aria-label={trans.__('Role of cell %1', item.number)}
          onChange={event => setRole(item.id, ROLES.find(role => role === event.target.value) ?? null)}
        >
          <option value="">–</option>
          {ROLES.map(role => (
            <option key={role} value={role}>
              {roleWord(role, trans)}
            </option>
          ))}
        </select>
      </div>
      {directive && <NameField {...props} />}
      {item.contradictory && <p className="nb2svc-Note">{contradiction(directive, trans)}</p>}
    </li>
  );
}

function NameField(props: ICellListProps & { readonly item: ICellItem }): React.JSX.Element {
  const { item, trans, isReadOnly, setRole } = props;
  const name = item.directive?.name ?? '';
  const [text, setText] = React.useState(name);
  // Not a new field for a new name: the focus stays in it.
  React.useEffect(() => setText(name), [name]);
  const wrong = text !== '' && !isName(text);
  const commit = () => {
    if (item.directive && !wrong && text !== name) {
      setRole(item.id, item.directive.role, text);
    }
  };
  return (
    <input
      className="nb2svc-Name"
      value={text}
      placeholder={trans.__('name')}
      spellCheck={false}
      readOnly={isReadOnly}
      aria-label={trans.__('Name of cell %1 in the service', item.number)}
      aria-invalid={wrong}
      title={
        wrong
          ? trans.__('A name has letters, digits and underscores only.')
          : trans.__('The name of the function that it becomes')
      }
      onChange={event => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          commit();
        } else if (event.key === 'Escape') {
          setText(name);
        }
      }}
    />
  );
}
