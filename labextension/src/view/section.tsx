/** A part of the panel under a heading that opens and closes it. */

import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { OpenSections } from '../model/sections';
import type { CellState } from '../model/summary';

/** Which parts are open: given by the panel. */
export const Sections = React.createContext(new OpenSections());

/** A number beside the heading, and how it is read aloud; with a `state` it has its colour. */
export interface IBadge {
  readonly count: number;
  readonly words: string;
  readonly state?: CellState | undefined;
}

interface ISectionProps {
  /** Its name in the memory of what is open; unique in the panel. */
  readonly id: string;
  readonly title: string;
  readonly badge?: IBadge | null;
  /** Closed until somebody opens it. */
  readonly startsClosed?: boolean;
  readonly children: React.ReactNode;
}

export function Section({ id, title, badge, startsClosed = false, children }: ISectionProps): React.JSX.Element {
  const sections = React.useContext(Sections);
  const open = React.useSyncExternalStore(sections.subscribe, () => sections.isOpen(id, !startsClosed));
  const body = `nb2svc-section-${id}`;
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="nb2svc-Section" aria-label={title}>
      <h3 className="nb2svc-Section-heading">
        <button aria-expanded={open} aria-controls={body} onClick={() => sections.set(id, !open)}>
          <Caret.react tag="span" className="nb2svc-Section-caret" aria-hidden="true" />
          <span className="nb2svc-Section-title">{title}</span>
          {badge && (
            <span className={`nb2svc-Badge${badge.state ? ` nb2svc-mod-${badge.state}` : ''}`}>
              <span aria-hidden="true">{badge.count}</span>
              <span className="nb2svc-Aloud">{badge.words}</span>
            </span>
          )}
        </button>
      </h3>
      <div id={body} className="nb2svc-Section-body" hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}
