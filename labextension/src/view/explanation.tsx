import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IPage } from '../model/documents';
import { blocksOf } from '../model/fixes';
import { Prose } from './prose';

/** A code whose page was asked for; a new object asks anew. */
export interface IExplained {
  readonly code: string;
}

interface IExplanationProps {
  readonly code: string;
  readonly explained: IExplained | null;
  readonly explain: (code: string) => Promise<IPage>;
  readonly trans: TranslationBundle;
}

const answered = new WeakSet<IExplained>();

/** The page of a finding's code, below it: asked for when it is opened. */
export function Explanation({ code, explained, explain, trans }: IExplanationProps): React.JSX.Element {
  const [page, setPage] = React.useState<IPage | null>(null);
  const [trouble, setTrouble] = React.useState('');
  const [isOpen, setOpen] = React.useState(false);
  const summary = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    if (explained?.code === code && !answered.has(explained)) {
      // Once: a finding that comes again later must not take the focus from whoever types.
      answered.add(explained);
      setOpen(true);
      summary.current?.focus();
      summary.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [explained, code]);
  React.useEffect(() => {
    if (!isOpen || page?.code === code) {
      return;
    }
    let isWanted = true;
    explain(code).then(
      found => {
        if (isWanted) {
          setPage(found);
          setTrouble('');
        }
      },
      (reason: unknown) => {
        if (isWanted) {
          setTrouble(reason instanceof Error ? reason.message : String(reason));
        }
      }
    );
    return () => {
      isWanted = false;
    };
    // Not for another `explain`, which is a new function at each drawing.
  }, [isOpen, code, page]);
  return (
    <details className="nb2svc-Explanation" open={isOpen} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary ref={summary}>{trans.__('What %1 means', code)}</summary>
      {trouble && <p role="alert">{trouble}</p>}
      {page && isOpen && <Page page={page} trans={trans} />}
    </details>
  );
}

/** A part goes on behind its label in the page's own text; by itself it begins as a sentence does. */
function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function Page({ page, trans }: { readonly page: IPage; readonly trans: TranslationBundle }): React.JSX.Element {
  const parts = [
    [trans.__('What it finds'), page.finds],
    [trans.__('Why it matters'), page.why],
    [trans.__('Example'), page.example],
    [trans.__('Fix'), page.fix],
    [trans.__('Quick fix'), page.quick]
  ] as const;
  return (
    <>
      {parts
        .filter(([, text]) => text !== '')
        .map(([label, text]) => (
          <React.Fragment key={label}>
            <h4>{label}</h4>
            {blocksOf(text).map((block, index) =>
              block.isCode ? (
                <pre key={index} tabIndex={0} aria-label={label}>
                  {block.text}
                </pre>
              ) : (
                <p key={index}>
                  <Prose text={index === 0 ? sentence(block.text) : block.text} />
                </p>
              )
            )}
          </React.Fragment>
        ))}
    </>
  );
}
