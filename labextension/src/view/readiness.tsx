/** The readiness checklist by the seven steps: status, evidence, next action, and the way to the cell. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import type { IProjectReadiness } from '../model/documents';
import { allOf, countsOf, filtered, placeOf, standingOf, stopsOf, type Filter } from '../model/readiness';
import { asPath, commandLine } from '../model/shell';
import type { NotebookReadiness } from '../wiring/readiness';
import { CommandLine } from './commandline';
import { Item, type IWays } from './readinessitem';
import { sign, statusWord, tally } from './readinesswords';
import { Section, type IBadge } from './section';

interface IReadinessProps {
  readonly readiness: NotebookReadiness;
  readonly trans: TranslationBundle;
  /** Show a cell, by its id. */
  readonly reveal: (id: string, line?: number) => void;
}

export function Readiness(props: IReadinessProps): React.JSX.Element {
  const { readiness } = props;
  useEffect(() => void readiness.want(), [readiness]);
  return (
    <UseSignal signal={readiness.changed}>
      {() => (
        <Section id="readiness" title={props.trans.__('Readiness')} badge={badgeOf(readiness, props.trans)} startsClosed>
          <Body {...props} />
        </Section>
      )}
    </UseSignal>
  );
}

/** What stops, where something does; else what nobody looked at: that is never good. */
function badgeOf(readiness: NotebookReadiness, trans: TranslationBundle): IBadge | null {
  const project = readiness.projects?.[0];
  if (!project) {
    return null;
  }
  const stops = stopsOf(project.readiness.steps).length;
  if (stops > 0) {
    return { count: stops, words: trans._n('%1 blocker', '%1 blockers', stops), state: 'refused' };
  }
  const open = allOf(project.readiness.steps).filter(item => item.status === 'not_evaluated').length;
  return { count: open, words: trans._n('%1 not evaluated', '%1 not evaluated', open) };
}

function Body({ readiness, trans, reveal }: IReadinessProps): React.JSX.Element {
  const [chosen, choose] = useState('');
  const { projects, trouble } = readiness;
  const project = projects?.find(each => each.project === chosen) ?? projects?.[0];
  return (
    <div className="nb2svc-Readiness">
      {trouble && (
        <p className="nb2svc-Problem" role="alert">
          {trouble}
        </p>
      )}
      {readiness.damaged.map(each => (
        <p key={each.project} className="nb2svc-Problem">
          {[each.error.what, each.error.fix].filter(Boolean).join('. ')}
        </p>
      ))}
      {projects && projects.length > 1 && (
        <label className="nb2svc-Readiness-choice">
          {trans.__('Project')}
          <select value={project?.project} onChange={event => choose(event.target.value)}>
            {projects.map(each => (
              <option key={each.project}>{each.project}</option>
            ))}
          </select>
        </label>
      )}
      {project && <Project project={project} readiness={readiness} trans={trans} reveal={reveal} />}
      {projects?.length === 0 && <p>{trans.__('No project was built from this notebook yet: a build writes its checklist.')}</p>}
      <button className="jp-mod-styled" disabled={readiness.isBusy} onClick={() => void readiness.refresh()}>
        {readiness.isBusy ? trans.__('Comparing digests…') : trans.__('Refresh')}
      </button>
    </div>
  );
}

function Project(props: IReadinessProps & { readonly project: IProjectReadiness }): React.JSX.Element {
  const { project, readiness, trans, reveal } = props;
  const [filter, setFilter] = useState<Filter>('all');
  const { steps } = project.readiness;
  const items = allOf(steps);
  const listed = filtered(items, filter);
  const here = new Set(project.files.map(file => file.path));
  const ways: IWays = {
    cells: readiness.isUnsaved ? {} : project.cells,
    reveal,
    evidence: path => (here.has(path) ? readiness.evidence(path) : null)
  };
  return (
    <>
      <p className="nb2svc-Readiness-verdict">{verdict(project, trans)}</p>
      {notes(project, readiness.isUnsaved, trans).map(note => (
        <p key={note} className="nb2svc-Readiness-note">
          {note}
        </p>
      ))}
      <label className="nb2svc-Readiness-choice">
        {trans.__('Show')}
        <select value={filter} onChange={event => setFilter(event.target.value as Filter)}>
          <option value="all">{trans.__('all items')}</option>
          <option value="todo">{trans.__('with something to do')}</option>
          {countsOf(items).map(({ status, count }) => (
            <option key={status} value={status}>
              {`${sign(status)} ${statusWord(status, trans)} (${count})`}
            </option>
          ))}
        </select>
        <span role="status">{trans.__('%1 of %2 items', listed.length, items.length)}</span>
      </label>
      {steps.map(step => {
        const shown = step.items.filter(item => listed.includes(item));
        const standing = standingOf(step.items);
        return shown.length === 0 ? null : (
          // Opened anew with another filter: whoever asked for something wants to see it.
          <details
            key={`${step.number} ${filter}`}
            className="nb2svc-ReadinessStep"
            open={filter !== 'all' || standing === 'bad'}
          >
            <summary>
              <h4>{`${step.number}. ${step.name}`}</h4>
              <span className={`nb2svc-ReadinessStep-signs nb2svc-mod-${standing}`} aria-hidden="true">
                {step.items.map(item => sign(item.status)).join('')}
              </span>
              <span className="nb2svc-ReadinessStep-tally">{tally(step.items, trans)}</span>
            </summary>
            <ul>
              {shown.map(item => (
                <Item key={item.id} item={item} ways={ways} trans={trans} />
              ))}
            </ul>
          </details>
        );
      })}
      <CommandLine command={commandLine('ready', asPath(placeOf(readiness.path, project)))} trans={trans} />
    </>
  );
}

function verdict(project: IProjectReadiness, trans: TranslationBundle): string {
  const { gates, service } = project.readiness;
  const build = gates['build']?.length ?? 0;
  const release = gates['release']?.length ?? 0;
  if (build > 0) {
    return trans._n('%2 is not ready: %1 blocker is red.', '%2 is not ready: %1 blockers are red.', build, service);
  }
  return release > 0
    ? trans._n(
        'Nothing stops a build of %2; for a release %1 blocker was not evaluated.',
        'Nothing stops a build of %2; for a release %1 blockers were not evaluated.',
        release,
        service
      )
    : trans.__('%1 is ready for release: every blocker is answered.', service);
}

function notes(project: IProjectReadiness, isUnsaved: boolean, trans: TranslationBundle): string[] {
  const said = [...project.notes];
  if (!project.as_built) {
    said.unshift(trans.__('The notebook has changed since this build: build again, so that the evidence is about it.'));
  } else if (isUnsaved) {
    said.unshift(trans.__('The notebook has changes that are not saved: this is about the file.'));
  }
  return said;
}
