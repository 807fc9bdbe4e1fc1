/** Which statements are served and which are left out, by cell, each with its reason; a whole cell can be kept or left out. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IContract, ILine, ILineGroup } from '../model/contract';
import type { Role } from '../model/directive';
import type { IFix, ISpan } from '../model/documents';
import { Place } from './contract';
import { Prose } from './prose';

interface IStatementsProps {
  readonly contract: IContract;
  readonly trans: TranslationBundle;
  readonly isReadOnly: boolean;
  readonly reveal: (span: ISpan) => void;
  readonly mark: (span: ISpan | null) => void;
  readonly setRole: (cell: number, role: Role | null) => void;
  /** Write or remove the comment that says something of one statement. */
  readonly change: (fix: IFix) => void;
}

export function Statements(props: IStatementsProps): React.JSX.Element {
  const { contract, trans } = props;
  const [served, leftOut] = [count(contract.served), count(contract.leftOut)];
  return (
    <>
      <Groups
        {...props}
        title={trans._n('%1 statement is served', '%1 statements are served', served)}
        groups={contract.served}
        isServed={true}
      />
      <Groups
        {...props}
        title={trans._n('%1 statement is left out', '%1 statements are left out', leftOut)}
        groups={contract.leftOut}
        isServed={false}
      />
    </>
  );
}

interface IGroupsProps extends IStatementsProps {
  readonly title: string;
  readonly groups: readonly ILineGroup[];
  readonly isServed: boolean;
}

function Groups(props: IGroupsProps): React.JSX.Element {
  const { title, groups, trans, reveal, mark } = props;
  return (
    <details>
      <summary>{title}</summary>
      {groups.map(group => (
        <div key={group.cell} className="nb2svc-Group" role="group" aria-label={trans.__('cell %1', group.cell)}>
          <div className="nb2svc-Group-head">
            {trans.__('cell %1', group.cell)} <Overrule {...props} group={group} />
          </div>
          <ul className="nb2svc-Lines">
            {group.lines.map(line => (
              <li
                key={`${line.span.line} ${line.span.column}`}
                onMouseEnter={() => mark(line.span)}
                onMouseLeave={() => mark(null)}
                onFocus={() => mark(line.span)}
                onBlur={() => mark(null)}
              >
                <code>{line.source}</code>
                <div>
                  <Place span={line.span} trans={trans} reveal={reveal} /> <Prose text={line.reason} />{' '}
                  <OverruleLine {...props} group={group} line={line} />
                </div>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  );
}

/** What can be said of a whole cell: one that nobody tagged is left out or kept, and what was said is taken back. */
function Overrule({ group, isServed, trans, isReadOnly, setRole }: IGroupsProps & { readonly group: ILineGroup }) {
  const { cell, role } = group;
  if (role === 'keep' || role === 'drop') {
    return (
      <>
        <span className="nb2svc-Override-sign">{trans.__('overruled')}</span>
        <button
          className="nb2svc-Link"
          disabled={isReadOnly}
          aria-label={trans.__('Back to what is inferred for cell %1', cell)}
          onClick={() => setRole(cell, null)}
        >
          {trans.__('back')}
        </button>
      </>
    );
  }
  if (role !== null || !group.whole) {
    return null;
  }
  return (
    <button
      className="nb2svc-Link"
      disabled={isReadOnly}
      aria-label={isServed ? trans.__('Leave cell %1 out of the service', cell) : trans.__('Keep cell %1 in the service', cell)}
      onClick={() => setRole(cell, isServed ? 'drop' : 'keep')}
    >
      {isServed ? trans.__('leave out') : trans.__('keep')}
    </button>
  );
}

/** The same of one statement, as a comment at the end of its line. */
function OverruleLine({
  group,
  line,
  isServed,
  trans,
  isReadOnly,
  change
}: IGroupsProps & { readonly group: ILineGroup; readonly line: ILine }) {
  const { said, change: fix } = line.mark;
  if (!fix || group.role === 'check' || (said === null && (group.role === 'keep' || group.role === 'drop'))) {
    return null;
  }
  const place = trans.__('cell %1, line %2', group.cell, line.span.line);
  const [word, label] = said
    ? [trans.__('back'), trans.__('Back to what is inferred for %1', place)]
    : isServed
      ? [trans.__('leave out'), trans.__('Leave %1 out of the service', place)]
      : [trans.__('keep'), trans.__('Keep %1 in the service', place)];
  return (
    <>
      {said && <span className="nb2svc-Override-sign">{trans.__('overruled')}</span>}{' '}
      <button className="nb2svc-Link" disabled={isReadOnly} aria-label={label} onClick={() => change(fix)}>
        {word}
      </button>
    </>
  );
}

function count(groups: readonly ILineGroup[]): number {
  return groups.reduce((sum, group) => sum + group.lines.length, 0);
}
