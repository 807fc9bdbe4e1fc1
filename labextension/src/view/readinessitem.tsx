import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IChecklistItem, IEvidence } from '../model/documents';
import { isOpen, piecesOf } from '../model/readiness';
import { Prose } from './prose';
import { severityWord, sign, statusWord } from './readinesswords';

/** Where an item leads: to cells by their numbers, and to files of evidence that are here. */
export interface IWays {
  readonly cells: Readonly<Record<string, string>>;
  readonly reveal: (id: string, line?: number) => void;
  readonly evidence: (path: string) => string | null;
}

interface IItemProps {
  readonly item: IChecklistItem;
  readonly ways: IWays;
  readonly trans: TranslationBundle;
}

/** One line of the checklist; its evidence is folded. */
export function Item({ item, ways, trans }: IItemProps): React.JSX.Element {
  const open = isOpen(item);
  const what = item.evidence ? trans.__('Evidence') : trans.__('What it would take');
  return (
    <li className={`nb2svc-Item nb2svc-mod-${item.status}`}>
      <p className="nb2svc-Item-head">
        <span className="nb2svc-Item-sign" aria-hidden="true">
          {sign(item.status)}
        </span>{' '}
        {statusWord(item.status, trans)}{' '}
        <b>
          {item.id} {item.title}
        </b>{' '}
        <span className="nb2svc-Item-severity">{severityWord(item.severity, trans)}</span>
      </p>
      {!open && (
        <p>
          <Text text={item.sentence} ways={ways} />
        </p>
      )}
      {item.next_action && (
        <p>
          <b>{trans.__('Next:')}</b> <Text text={item.next_action} ways={ways} />
        </p>
      )}
      <details>
        <summary>
          {what}
          <span className="nb2svc-Aloud"> {item.id}</span>
        </summary>
        <dl>
          {open && (
            <Pair
              name={trans.__('It would take')}
              text={item.sentence.replace(/^Not evaluated\. It would take /, '')}
              ways={ways}
            />
          )}
          <Pair name={trans.__('Why it matters')} text={item.why} ways={ways} />
          {item.evidence && <Evidence evidence={item.evidence} ways={ways} trans={trans} />}
          <Pair name={trans.__('Answers')} text={item.maps} ways={ways} />
        </dl>
      </details>
    </li>
  );
}

function Evidence({ evidence, ways, trans }: Omit<IItemProps, 'item'> & { readonly evidence: IEvidence }): React.JSX.Element {
  const { control } = evidence;
  const subjects = evidence.subjects.map(([name, digest]) => `${name} ${digest.slice(0, 12)}`).join(', ');
  return (
    <>
      {evidence.details.map(([name, text], index) => (
        <Pair key={index} name={name} text={text} ways={ways} />
      ))}
      {control && (
        <Pair
          name={trans.__('Control')}
          text={
            control.fired ? trans.__('✓ fired: %1', control.description) : trans.__('✖ did not fire: %1', control.description)
          }
          ways={ways}
        />
      )}
      {evidence.files.map(([path]) => {
        const address = ways.evidence(path);
        return (
          <React.Fragment key={path}>
            <dt>{trans.__('Open')}</dt>
            <dd>
              {address === null ? (
                <code>{path}</code>
              ) : (
                <a href={address} target="_blank" rel="noopener noreferrer">
                  {path.split('/').pop()}
                </a>
              )}
            </dd>
          </React.Fragment>
        );
      })}
      {evidence.command && (
        <>
          <dt>{trans.__('Repeat it')}</dt>
          <dd>
            <code>{evidence.command}</code>
          </dd>
        </>
      )}
      <Pair name={trans.__('About')} text={subjects} ways={ways} />
    </>
  );
}

function Pair({
  name,
  text,
  ways
}: {
  readonly name: string;
  readonly text: string;
  readonly ways: IWays;
}): React.JSX.Element | null {
  return text === '' ? null : (
    <>
      <dt>
        <Text text={name} ways={ways} />
      </dt>
      <dd>
        <Text text={text} ways={ways} />
      </dd>
    </>
  );
}

/** A sentence whose cells are links, and whose code is set as such. */
function Text({ text, ways }: { readonly text: string; readonly ways: IWays }): React.JSX.Element {
  return (
    <>
      {piecesOf(text, ways.cells).map((piece, index) => {
        const { cell } = piece;
        return cell === undefined ? (
          <Prose key={index} text={piece.text} />
        ) : (
          <button key={index} className="nb2svc-Link" onClick={() => ways.reveal(cell, piece.line)}>
            {piece.text}
          </button>
        );
      })}
    </>
  );
}
