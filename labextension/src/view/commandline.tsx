import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

interface ICommandLineProps {
  /** What to type in a terminal in the server's folder; "" shows nothing. */
  readonly command: string;
  readonly trans: TranslationBundle;
}

/** The command line that does the same, with a button that copies it. */
export function CommandLine({ command, trans }: ICommandLineProps): React.JSX.Element | null {
  const [said, setSaid] = useState({ command: '', isCopied: false });
  if (!command) {
    return null;
  }
  const copy = () => {
    setSaid({ command, isCopied: isCopied(command) });
  };
  return (
    <div className="nb2svc-CommandLine" role="group" aria-label={trans.__('The same in a terminal')}>
      <code tabIndex={0} title={trans.__('The same in a terminal, in the server’s folder')}>
        {command}
      </code>
      <button className="nb2svc-Link" onClick={copy} aria-label={trans.__('Copy the command line')}>
        {trans.__('Copy')}
      </button>
      <span className="nb2svc-CommandLine-said" role="status">
        {said.command === command ? copyWords(said.isCopied, trans) : ''}
      </span>
    </div>
  );
}

/** Copy a text; whether the browser did: it tells of each copy that it makes, and of none that it forbids. */
function isCopied(text: string): boolean {
  let isDone = false;
  const hear = () => {
    isDone = true;
  };
  document.addEventListener('copy', hear, { capture: true });
  try {
    Clipboard.copyToSystem(text);
  } finally {
    document.removeEventListener('copy', hear, { capture: true });
  }
  return isDone;
}

function copyWords(isCopied: boolean, trans: TranslationBundle): string {
  return isCopied ? trans.__('copied') : trans.__('not copied: the browser forbids it');
}
