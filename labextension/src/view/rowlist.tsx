/** The list of captured rows: found by a text, chosen by click or arrow keys. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { said, type IListedRow, type IPage, type Standing } from '../model/rows';

interface IRowListProps {
  readonly page: IPage;
  readonly row: number | null;
  readonly search: string;
  readonly notable: boolean;
  readonly trans: TranslationBundle;
  readonly find: (search: string, notable: boolean) => void;
  readonly choose: (row: number) => void;
  readonly more: () => void;
}

export function RowList({ page, row, search, notable, trans, find, choose, more }: IRowListProps): React.JSX.Element {
  const list = React.useRef<HTMLUListElement>(null);
  const place = page.rows.findIndex(each => each.row === row);
  const move = (event: React.KeyboardEvent) => {
    const wanted = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: page.rows.length - 1 }[event.key];
    const next = wanted === undefined ? undefined : page.rows[wanted];
    if (next) {
      event.preventDefault();
      choose(next.row);
      list.current?.querySelector(`#${idOf(next.row)}`)?.scrollIntoView({ block: 'nearest' });
    }
  };
  return (
    <div className="nb2svc-RowList">
      <input
        type="search"
        className="jp-mod-styled"
        value={search}
        aria-label={trans.__('Find rows')}
        placeholder={trans.__('region=north income>3000')}
        title={trans.__('All must hold: field=value, field>value, field=missing, or a text in any field')}
        onChange={event => find(event.target.value, notable)}
      />
      <label className="nb2svc-RowList-notable">
        <input type="checkbox" checked={notable} onChange={event => find(search, event.target.checked)} />
        {trans.__('Only notable rows')}
      </label>
      <p className="nb2svc-Note" role="status">
        {trans.__('%1 of %2 rows', page.matching.toLocaleString(), page.total.toLocaleString())}
      </p>
      <ul
        ref={list}
        role="listbox"
        tabIndex={0}
        aria-label={trans.__('Captured rows')}
        aria-activedescendant={place >= 0 && row !== null ? idOf(row) : undefined}
        onKeyDown={move}
      >
        {page.rows.map(each => (
          <Row key={each.row} row={each} chosen={each.row === row} trans={trans} choose={choose} />
        ))}
      </ul>
      {page.rows.length < page.matching && (
        <button className="jp-mod-styled" onClick={more}>
          {trans.__('More rows')}
        </button>
      )}
    </div>
  );
}

interface IRowProps {
  readonly row: IListedRow;
  readonly chosen: boolean;
  readonly trans: TranslationBundle;
  readonly choose: (row: number) => void;
}

const Row = React.memo(
  function Row({ row, chosen, trans, choose }: IRowProps): React.JSX.Element {
    const fields = Object.entries(row.values).map(([name, value]) => `${name} ${said(value, trans.__('missing'))}`);
    return (
      <li role="option" id={idOf(row.row)} aria-selected={chosen} className="nb2svc-Row" onClick={() => choose(row.row)}>
        <span className="nb2svc-Row-number">{row.row}</span>
        <span className="nb2svc-Row-answer">
          {row.notebook === null ? standingWord(row.standing, trans) : said(row.notebook, trans.__('missing'))}
        </span>
        {row.notable.length > 0 && <span className="nb2svc-Row-why">{row.notable.join(', ')}</span>}
        <span className="nb2svc-Row-fields" title={fields.join('\n')}>
          {fields.join(' · ')}
        </span>
      </li>
    );
  },
  (before, now) => before.row === now.row && before.chosen === now.chosen
);

function idOf(row: number): string {
  return `nb2svc-row-${row}`;
}

export function standingWord(standing: Standing, trans: TranslationBundle): string {
  switch (standing) {
    case 'predicted':
      return trans.__('predicted');
    case 'fitted':
      return trans.__('trained with');
    case 'otherwise':
      return trans.__('prepared otherwise');
    case 'dropped':
      return trans.__('dropped');
    case 'unused':
      return trans.__('not used');
  }
}
