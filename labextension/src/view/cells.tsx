import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isKeyword, isName, isNamed, ROLES, type Role } from '../model/directive';
import type { ILink, Standing } from '../model/documents';
import { gutterOf, layOut, neighbour, wiresOf } from '../model/picture';
import { isTold } from '../model/summary';
import type { ICellItem } from '../wiring/session';
import { useHeights } from './heights';
import { Picture, storyOf, wireWords, type IDot } from './picture';
import { Section } from './section';
import { Selection } from './selection';
import { contradiction, roleWord, stateWords } from './words';

export interface ICellListProps {
  readonly items: readonly ICellItem[];
  readonly trans: TranslationBundle;
  readonly isReadOnly: boolean;
  /** Which cell feeds which, by the numbers of the items. */
  readonly links: readonly ILink[];
  /** What each cell is for the service, by its id; empty where there is none. */
  readonly standings: ReadonlyMap<string, { readonly standing: Standing; readonly pulled: boolean }>;
  readonly setRole: (id: string, role: Role | null, name?: string) => void;
  readonly reveal: (id: string) => void;
}

/** The name of this section. */
export const CELLS = 'cells';

/** Every code cell: its number, its first line and its role; a tagged one also its state and its name. Beside them the dataflow. */
export function CellList(props: ICellListProps): React.JSX.Element {
  const { items, trans } = props;
  const tagged = items.filter(item => item.directive !== null).length;
  return (
    <Section id={CELLS} title={trans.__('Cells')} badge={{ count: tagged, words: trans._n('%1 tagged', '%1 tagged', tagged) }}>
      <Rows {...props} />
    </Section>
  );
}

function Rows(props: ICellListProps): React.JSX.Element {
  const { items, trans, links, standings } = props;
  const list = React.useRef<HTMLOListElement>(null);
  const heights = useHeights(list, items.map(item => (item.directive ? (item.contradictory ? 2 : 1) : 0)).join(''));
  const [current, setCurrent] = React.useState<string | null>(null);
  const picture = React.useMemo(() => layOut(links), [links]);
  const wires = React.useMemo(() => wiresOf(links), [links]);
  const dots = useSame(items.map(item => dotOf(item, standings)));
  // By number, from 1; not told anew for each row that the pointer comes by.
  const stories = React.useMemo(() => dots.map((dot, index) => storyOf(dot, wires.get(index + 1), trans)), [dots, wires, trans]);
  const number = items.find(item => item.id === current)?.number ?? null;
  const words = wireWords(number, number === null ? undefined : wires.get(number), trans);
  const rowOf = (target: EventTarget) => (target as Element).closest<HTMLElement>('[data-cell-id]')?.dataset['cellId'] ?? null;
  const move = (event: React.KeyboardEvent) => {
    const from = items.find(item => item.id === rowOf(event.target));
    if (!from || !(event.target as Element).matches('.nb2svc-CellRow-line')) {
      return;
    }
    const to = neighbour(event.key, from.number, items.length, wires.get(from.number));
    const id = items.find(item => item.number === to)?.id;
    if (id !== undefined) {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>(`[data-cell-id="${CSS.escape(id)}"] .nb2svc-CellRow-line`)?.focus();
    }
  };
  return (
    <div className="nb2svc-Cells" style={{ paddingLeft: gutterOf(picture).width }}>
      <Picture picture={picture} dots={dots} heights={heights} current={number} />
      <ol
        className="nb2svc-CellList"
        ref={list}
        onMouseOver={event => setCurrent(rowOf(event.target))}
        onMouseLeave={() => setCurrent(null)}
        onFocus={event => setCurrent(rowOf(event.target))}
        onBlur={() => setCurrent(null)}
        onKeyDown={move}
      >
        {items.map((item, index) => (
          <MemoCellRow key={item.id} item={item} wire={words.get(item.number) ?? ''} story={stories[index] ?? ''} {...props} />
        ))}
      </ol>
    </div>
  );
}

function dotOf(item: ICellItem, standings: ICellListProps['standings']): IDot {
  return { role: item.directive?.role ?? null, ...(standings.get(item.id) ?? { standing: 'out', pulled: false }) };
}

/** The value of an earlier rendering where this one says the same: what is drawn of it need not be drawn again. */
function useSame<T>(value: T): T {
  const text = JSON.stringify(value);
  return React.useMemo(() => value, [text]);
}

interface IRowProps extends ICellListProps {
  readonly item: ICellItem;
  /** How the cell is linked with the current one; "" where it is not. */
  readonly wire: string;
  readonly story: string;
}

/** A row is drawn again when what it shows changed: a long list is gone through at every key. */
const MemoCellRow = React.memo(CellRow, (before, after) => {
  const [one, other] = [before.item, after.item];
  return (
    before.isReadOnly === after.isReadOnly &&
    before.setRole === after.setRole &&
    before.reveal === after.reveal &&
    before.wire === after.wire &&
    before.story === after.story &&
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

function CellRow(props: IRowProps): React.JSX.Element {
  const { item, trans, isReadOnly, setRole, reveal, wire, story } = props;
  const { directive } = item;
  const state = stateWords(item.state, trans);
  const classes = [
    'nb2svc-CellRow',
    ...(wire ? ['nb2svc-mod-linked'] : []),
    ...(directive ? ['nb2svc-mod-tagged', `nb2svc-mod-${directive.role}`] : [])
  ];
  return (
    <li className={classes.join(' ')} data-cell-id={item.id}>
      <button
        className="nb2svc-CellRow-line"
        title={`${trans.__('Go to this cell')}\n${story}`}
        aria-label={trans.__('Go to cell %1: %2; %3', item.number, item.line, story)}
        aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight"
        onClick={() => reveal(item.id)}
      >
        <span className="nb2svc-CellRow-number">{item.number}</span>
        <code>{item.line || trans.__('(empty)')}</code>
        {wire && <span className="nb2svc-Wire">{wire}</span>}
        {isSigned(item) && (
          <span className={`nb2svc-State nb2svc-mod-${item.state}`} title={state.word} aria-label={state.word} role="img">
            {state.sign}
          </span>
        )}
      </button>
      <div className="nb2svc-CellRow-role">
        <Selection
          className="nb2svc-Role"
          value={directive?.role ?? ''}
          disabled={isReadOnly}
          label={trans.__('Role of cell %1', item.number)}
          trans={trans}
          choose={chosen => setRole(item.id, ROLES.find(role => role === chosen) ?? null)}
        >
          <option value="">–</option>
          {ROLES.map(role => (
            <option key={role} value={role}>
              {roleWord(role, trans)}
            </option>
          ))}
        </Selection>
      </div>
      {directive && isNamed(directive.role) && <NameField {...props} />}
      {item.contradictory && <p className="nb2svc-Note">{contradiction(directive, trans)}</p>}
    </li>
  );
}

function NameField(props: IRowProps): React.JSX.Element {
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
  const why = `nb2svc-wrong-${item.id}`;
  return (
    <>
      <input
        className="nb2svc-Name"
        value={text}
        placeholder={trans.__('name')}
        spellCheck={false}
        readOnly={isReadOnly}
        aria-label={trans.__('Name of cell %1 in the service', item.number)}
        aria-invalid={wrong}
        aria-describedby={wrong ? why : undefined}
        title={trans.__('The name of the function that it becomes')}
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
      {wrong && (
        <p id={why} className="nb2svc-Note nb2svc-WrongName" role="alert">
          {nameTrouble(text, trans)}
        </p>
      )}
    </>
  );
}

/** Why a text is no name, and that it does not count. */
function nameTrouble(text: string, trans: TranslationBundle): string {
  return isKeyword(text)
    ? trans.__('Not saved: “%1” is a word of Python’s own.', text)
    : trans.__('Not saved: a name has letters, digits and underscores only, and no digit first.');
}
