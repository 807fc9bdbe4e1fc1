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
  const [copied, setCopied] = useState('');
  if (!command) {
    return null;
  }
  const copy = () => {
    Clipboard.copyToSystem(command);
    setCopied(command);
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
        {copied === command ? trans.__('copied') : ''}
      </span>
    </div>
  );
}
