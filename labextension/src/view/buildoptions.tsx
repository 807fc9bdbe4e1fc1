import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IBuildOptions } from '../model/build';
import type { NotebookBuild } from '../wiring/build';

interface IBuildOptionsProps {
  readonly build: NotebookBuild;
  readonly trans: TranslationBundle;
}

/** What most builds need no word about. */
export function BuildOptions({ build, trans }: IBuildOptionsProps): React.JSX.Element {
  const { options } = build;
  const change = (changed: Partial<IBuildOptions>) => {
    build.options = { ...options, ...changed };
  };
  const box = (text: string, checked: boolean, set: (checked: boolean) => void) => (
    <label className="nb2svc-Option">
      <input type="checkbox" checked={checked} onChange={event => set(event.currentTarget.checked)} />
      {text}
    </label>
  );
  return (
    <details className="nb2svc-Options">
      <summary>{trans.__('Options')}</summary>
      <label className="nb2svc-Option nb2svc-mod-text">
        {trans.__('Parameters, one a line')}
        <textarea
          className="jp-mod-styled"
          rows={2}
          placeholder={trans.__('months=12')}
          spellCheck={false}
          value={options.parameters}
          onChange={event => change({ parameters: event.currentTarget.value })}
        />
      </label>
      {box(trans.__('Run everything, also what nothing changed for'), options.fresh, fresh => change({ fresh }))}
      {box(trans.__('Replay every row alone and over HTTP, not a sample'), options.everyRow, everyRow => change({ everyRow }))}
      {box(trans.__('Put a bento into the store'), options.bento, bento => change({ bento }))}
    </details>
  );
}
