/** What a finding says where it is underlined: its code and weight in words, the reason, what to do, and the way to its page. */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { IInline } from '../model/fixes';
import { inlineOf } from '../model/fixes';
import type { Diagnostics, IActions } from '../wiring/diagnostics';
import type { NotebookSession } from '../wiring/session';
import { proseNodes } from './prose';
import { severityWords } from './words';

/** Underline a notebook's findings in its editors, anew with each analysis; `explain` shows the page of a code. */
export function drawDiagnostics(
  session: NotebookSession,
  diagnostics: Diagnostics,
  trans: TranslationBundle,
  explain: (code: string) => void
): void {
  const actions: IActions = {
    render: inline => rendered(inline, trans, explain),
    fix: fix => session.fix([fix], true),
    open: explain,
    fixLabel: fix => (fix.choice ? trans.__('Fix, if you want that: %1', fix.title) : trans.__('Fix: %1', fix.title))
  };
  const draw = () => {
    const { analysis } = session;
    if (!analysis || session.isStale) {
      return;
    }
    for (const { model } of session.panel.content.widgets) {
      if (model.type === 'code') {
        const text = model.sharedModel;
        diagnostics.show(text, inlineOf(analysis, model.id, text.getSource()) ?? [], actions);
      }
    }
  };
  session.changed.connect(draw);
  draw();
}

function rendered({ finding }: IInline, trans: TranslationBundle, explain: (code: string) => void): HTMLElement {
  const node = document.createElement('div');
  node.className = 'nb2svc-Inline';
  const head = document.createElement('strong');
  head.textContent = `${severityWords(finding.severity, trans)} ${finding.code}`;
  const message = document.createElement('p');
  message.append(...proseNodes(finding.message));
  const remedy = document.createElement('p');
  remedy.className = 'nb2svc-Inline-remedy';
  remedy.append(...proseNodes(finding.remedy));
  const more = document.createElement('button');
  more.type = 'button';
  more.className = 'nb2svc-Link';
  more.textContent = trans.__('What %1 means', finding.code);
  more.addEventListener('click', () => explain(finding.code));
  node.append(head, message, remedy, more);
  return node;
}
