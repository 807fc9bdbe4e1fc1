/** The generated modules beside the notebook: a line on one side shows its counterpart on the other. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { counterparts, isMarked, moduleFor, originsOf, type IPlace } from '../model/counterparts';
import type { IModule, IShown } from '../model/documents';
import type { NotebookSession } from '../wiring/session';
import { nb2svcIcon } from './icon';

/** Colours Python; null where JupyterLab brings no highlighter. */
export type Highlight = ((text: string, node: HTMLElement) => Promise<void>) | null;

export class Modules extends ReactWidget {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly highlight: Highlight
  ) {
    super();
    this.id = 'nb2svc-modules';
    this.title.icon = nb2svcIcon;
    this.title.label = trans.__('Service modules');
    this.title.caption = trans.__('What the notebook becomes');
    this.title.closable = true;
    this.addClass('nb2svc-Modules');
  }

  /** The notebook whose modules are shown. */
  set session(session: NotebookSession | null) {
    if (session === this._session) {
      return;
    }
    this._session?.changed.disconnect(this.follow, this);
    this._session?.cursorMoved.disconnect(this.onCursor, this);
    this._session = session;
    this.shown = null;
    this.isEarlier = false;
    this.asked = null;
    this.place = null;
    this.trouble = '';
    session?.changed.connect(this.follow, this);
    session?.cursorMoved.connect(this.onCursor, this);
    this.update();
    this.follow();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.follow();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.follow();
  }

  protected render(): React.JSX.Element {
    const { trans, shown } = this;
    const modules = shown?.modules ?? [];
    const module = modules.find(each => each.name === this.open) ?? modules[0];
    if (!module) {
      const error = shown?.error;
      const why = error ? [error.what, error.why, error.fix].filter(Boolean).join('. ') : '';
      return (
        <div className="nb2svc-Modules-none">
          <p>{this.trouble || why || trans.__('The modules are shown when the notebook can be compiled.')}</p>
          {this.trouble && this.again()}
        </div>
      );
    }
    return (
      <>
        <p className="nb2svc-Modules-basis" role="status">
          {this.isEarlier && `${trans.__('The notebook can’t be compiled as it stands; these are its modules before.')} `}
          {basisLine(shown, trans)}
        </p>
        {this.trouble && (
          <p className="nb2svc-Problem" role="alert">
            {trans.__('They are of an earlier text: %1', this.trouble)} {this.again()}
          </p>
        )}
        <div role="tablist" aria-label={trans.__('Modules')} className="nb2svc-Tabs" onKeyDown={byArrows}>
          {modules.map(each => (
            <button
              key={each.name}
              role="tab"
              id={`nb2svc-tab-${each.name}`}
              aria-selected={each === module}
              aria-controls="nb2svc-tabpanel"
              tabIndex={each === module ? 0 : -1}
              onClick={() => {
                this.open = each.name;
                this.update();
              }}
            >
              {`${each.name}.py`}
            </button>
          ))}
        </div>
        <div role="tabpanel" id="nb2svc-tabpanel" aria-labelledby={`nb2svc-tab-${module.name}`} className="nb2svc-TabPanel">
          <Code
            key={module.name}
            module={module}
            current={this.place ? counterparts(module, this.place) : []}
            highlight={this.highlight}
            trans={trans}
            choose={place => this.choose(place)}
          />
        </div>
      </>
    );
  }

  private again(): React.JSX.Element {
    return (
      <button className="jp-mod-styled" onClick={() => this.follow()}>
        {this.trans.__('Try again')}
      </button>
    );
  }

  private choose(place: IPlace): void {
    const id = this._session?.idOf(place.cell);
    if (id) {
      this.place = place;
      this.update();
      void this._session?.reveal(id, place.line);
    }
  }

  private onCursor(_: NotebookSession, place: IPlace): void {
    this.place = place;
    this.open = moduleFor(this.shown?.modules ?? [], this.open, place);
    this.update();
  }

  /** Ask again where the analysis is of another text than the modules. */
  private follow(): void {
    const session = this._session;
    if (!session || session.isStale || !this.isVisible || this.asked === session.analysis) {
      return;
    }
    const asked = (this.asked = session.analysis);
    session
      .show()
      .then(shown => {
        if (this.asked === asked) {
          // A notebook that can't be compiled at the moment leaves what it was: the findings say why.
          this.isEarlier = Boolean(shown.error && this.shown?.modules);
          this.shown = this.isEarlier ? this.shown : shown;
          this.trouble = '';
          this.update();
        }
      })
      .catch((reason: unknown) => {
        if (this.asked !== asked) {
          return;
        }
        this.asked = null;
        this.trouble = reason instanceof Error ? reason.message : String(reason);
        this.update();
      });
  }

  private _session: NotebookSession | null = null;
  private shown: IShown | null = null;
  /** Whether the notebook could not be compiled since. */
  private isEarlier = false;
  private asked: object | null = null;
  private open = 'features';
  private place: IPlace | null = null;
  private trouble = '';
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** An arrow key leads to the element before or after the one that has the focus; a tab is opened by it, too. */
function byArrows(event: React.KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const all = Array.from(event.currentTarget.children);
  const at = all.findIndex(each => each === event.target);
  const next = step === undefined || at < 0 ? undefined : all[at + step];
  if (next instanceof HTMLElement) {
    event.preventDefault();
    next.focus();
    if (next.getAttribute('role') === 'tab') {
      next.click();
    }
  }
}

interface ICodeProps {
  readonly module: IModule;
  readonly current: readonly number[];
  readonly highlight: Highlight;
  readonly trans: TranslationBundle;
  readonly choose: (place: IPlace) => void;
}

function Code({ module, current, highlight, trans, choose }: ICodeProps): React.JSX.Element {
  const list = React.useRef<HTMLOListElement>(null);
  const first = current[0];
  const origins = React.useMemo(() => originsOf(module), [module]);
  React.useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [first, module.text]);
  return (
    <ol className="nb2svc-Code" ref={list} aria-label={module.path} onKeyDown={byArrows}>
      {module.text
        .replace(/\n$/, '')
        .split('\n')
        .map((text, index) => {
          const line = index + 1;
          const place = origins.get(line);
          const classes = [
            'nb2svc-Line',
            ...(isMarked(module, line) ? ['nb2svc-mod-marked'] : []),
            ...(place ? [] : ['nb2svc-mod-ours'])
          ];
          return (
            <li
              key={`${line} ${text}`}
              className={classes.join(' ')}
              aria-current={current.includes(line) ? 'location' : undefined}
              title={place ? trans.__('cell %1, line %2', place.cell, place.line) : undefined}
              tabIndex={line === (first ?? 1) ? 0 : -1}
              onClick={place && (() => choose(place))}
              onKeyDown={event => {
                if (place && event.key === 'Enter') {
                  choose(place);
                }
              }}
            >
              <Text text={text} highlight={highlight} />
            </li>
          );
        })}
    </ol>
  );
}

const Text = React.memo(function Text({
  text,
  highlight
}: {
  readonly text: string;
  readonly highlight: Highlight;
}): React.JSX.Element {
  const node = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    const element = node.current;
    if (element && highlight && text.trim() !== '') {
      element.textContent = '';
      highlight(text, element).catch(() => {
        element.textContent = text;
      });
    }
  }, [text, highlight]);
  return <code ref={node}>{text || '\u200b'}</code>;
});

function basisLine(shown: IShown | null, trans: TranslationBundle): string {
  const basis = shown?.basis;
  if (!basis || basis.kind === 'draft') {
    return trans.__('A draft: nothing was run. What only a run can tell is marked.');
  }
  const date = new Date(basis.captured).toLocaleString();
  return trans.__('As the run of %1 made it.', date);
}
