/** The build of a notebook: how it goes stage by stage, what the cells print, how it ended, and how to type the same. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { buildLine, outputOf, stagesOf, type IStage, type StageState } from '../model/build';
import type { ISpan } from '../model/documents';
import { hasEnded } from '../model/jobs';
import type { NotebookBuild } from '../wiring/build';
import { BuildOptions } from './buildoptions';
import { Result } from './buildresult';
import { stageSign, stageWord } from './buildwords';
import { CommandLine } from './commandline';
import { timeWords, troubleWords } from './jobwords';
import { useSeconds } from './seconds';
import { Section } from './section';

/** The name of the section. */
export const BUILD = 'build';

interface IBuildProps {
  readonly build: NotebookBuild;
  readonly trans: TranslationBundle;
  readonly start: () => void;
  readonly reveal: (span: ISpan) => void;
}

/** The button at the head of the panel. */
export function BuildButton(props: Omit<IBuildProps, 'reveal'> & { readonly prominent: boolean }): React.JSX.Element {
  const { build, prominent, start, trans } = props;
  return (
    <UseSignal signal={build.changed}>
      {() => (
        <button
          className={`nb2svc-BuildButton jp-mod-styled${prominent ? ' jp-mod-accept' : ''}`}
          disabled={build.isBusy}
          onClick={start}
        >
          {build.isBusy ? trans.__('Building…') : trans.__('Build')}
        </button>
      )}
    </UseSignal>
  );
}

export function Build(props: IBuildProps): React.JSX.Element {
  return (
    <UseSignal signal={props.build.changed}>
      {() => (
        <Section id={BUILD} title={props.trans.__('Build')}>
          <Body {...props} />
        </Section>
      )}
    </UseSignal>
  );
}

function Body({ build, trans, start, reveal }: IBuildProps): React.JSX.Element {
  const { job, trouble } = build;
  useSeconds(job?.state === 'running');
  const stages = job ? stagesOf(build.events, job, build.seconds) : [];
  const at = stages.find(stage => stage.state === 'running');
  return (
    <div className="nb2svc-Build">
      <p className="nb2svc-Aloud" role="status">
        {spoken(build, at, trans)}
      </p>
      {trouble.kind && (
        <p className="nb2svc-Problem" role="alert">
          {troubleWords(trouble, trans)}
        </p>
      )}
      {!build.isBusy && <BuildOptions build={build} trans={trans} />}
      <div>
        {build.isBusy ? (
          <button className="jp-mod-styled" disabled={build.isEnding} onClick={() => void build.cancel()}>
            {build.isEnding ? trans.__('Ending…') : trans.__('Cancel the build')}
          </button>
        ) : (
          <button className="jp-mod-styled" onClick={start}>
            {job ? trans.__('Build again') : trans.__('Build')}
          </button>
        )}
      </div>
      <CommandLine command={build.isBusy && job ? job.command_line : buildLine(build.path, build.options)} trans={trans} />
      {job?.state === 'queued' && (
        <p>
          {job.position > 1
            ? trans._n('%1 other build comes first.', '%1 other builds come first.', job.position)
            : trans.__('It waits for another build to end.')}
        </p>
      )}
      {job && hasEnded(job) && <Result job={job} trans={trans} reveal={reveal} />}
      {job && job.state !== 'queued' && <Stages stages={stages} trans={trans} />}
      {job && <Output build={build} trans={trans} />}
    </div>
  );
}

/** What is read aloud: each stage once, and the end; not each cell. */
function spoken(build: NotebookBuild, at: IStage | undefined, trans: TranslationBundle): string {
  const { job } = build;
  if (!job || hasEnded(job)) {
    return job ? trans.__('The build has ended.') : '';
  }
  return at ? stageWord(at.name, trans) : trans.__('The build waits.');
}

function Stages({ stages, trans }: { readonly stages: readonly IStage[]; readonly trans: TranslationBundle }): React.JSX.Element {
  return (
    <ol className="nb2svc-Stages" aria-label={trans.__('Stages of the build')}>
      {stages.map(stage => (
        <StageRow key={stage.name} stage={stage} trans={trans} />
      ))}
    </ol>
  );
}

function StageRow({ stage, trans }: { readonly stage: IStage; readonly trans: TranslationBundle }): React.JSX.Element {
  const { state, done, total } = stage;
  const { sign, word } = stageSign(state, trans);
  const told = state === 'running' || state === 'failed' || state === 'stopped';
  return (
    <li className={`nb2svc-Stage nb2svc-mod-${COLOURS[state]}`} data-stage={stage.name} data-state={state}>
      <span role="img" aria-label={word} className="nb2svc-Stage-sign">
        {sign}
      </span>
      <span className="nb2svc-Stage-name">{stageWord(stage.name, trans)}</span>
      <span className="nb2svc-Stage-time">{stage.seconds === null ? '' : timeWords(stage.seconds, trans)}</span>
      {told && stage.text && <span className="nb2svc-Stage-text">{stage.text}</span>}
      {told && done !== null && total !== null && (
        <progress className="nb2svc-Stage-bar" value={done} max={total} aria-label={trans.__('%1 of %2', done, total)} />
      )}
    </li>
  );
}

const COLOURS: Record<StageState, string> = {
  waiting: 'waiting',
  running: 'running',
  ok: 'ok',
  failed: 'refused',
  stopped: 'warning'
};

/** What the cells print, at its end unless somebody scrolled up. */
function Output({ build, trans }: Pick<IBuildProps, 'build' | 'trans'>): React.JSX.Element | null {
  const text = outputOf(build.events);
  const node = React.useRef<HTMLPreElement>(null);
  const follows = React.useRef(true);
  React.useEffect(() => {
    if (node.current && follows.current) {
      node.current.scrollTop = node.current.scrollHeight;
    }
  }, [text]);
  if (!text) {
    return null;
  }
  const onScroll = (event: React.UIEvent<HTMLPreElement>) => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    follows.current = scrollHeight - scrollTop - clientHeight < 8;
  };
  return (
    <details className="nb2svc-Output" open>
      <summary>{trans.__('What the cells print')}</summary>
      <pre ref={node} role="log" aria-live="off" aria-label={trans.__('What the cells print')} tabIndex={0} onScroll={onScroll}>
        {text}
      </pre>
    </details>
  );
}
