/**
 * The findings of a cell, underlined in its editor; with what they say, and their fixes, on hover and by key.
 *
 * The lint extension is bundled with us and not shared: another extension's (that of a language server) keeps its own findings.
 * Positions follow what is typed until the next analysis, and what was deleted takes its finding along.
 */

import { diagnosticCount, forEachDiagnostic, nextDiagnostic, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Prec, type Extension } from '@codemirror/state';
import { EditorView, keymap, ViewPlugin, type KeyBinding } from '@codemirror/view';
import type { CodeEditor } from '@jupyterlab/codeeditor';

import type { IFix } from '../model/documents';
import { severityOf, type IInline } from '../model/fixes';

type SharedText = CodeEditor.IModel['sharedModel'];

/** What a finding looks like on hover, and how its fixes are made. */
export interface IActions {
  readonly render: (inline: IInline) => HTMLElement;
  /** Make a fix of a finding in the cell with this text. */
  readonly fix: (fix: IFix) => void;
  readonly fixLabel: (fix: IFix) => string;
  /** Show the findings of a code in the panel. */
  readonly open: (code: string) => void;
}

interface IShown {
  readonly text: string;
  readonly inline: readonly IInline[];
  readonly actions: IActions;
}

export class Diagnostics {
  /** The extension of an editor, whenever that is made: a cell out of sight has none yet. */
  extension(model: CodeEditor.IModel): Extension {
    const text = model.sharedModel;
    const enter = (view: EditorView) => {
      this.viewsOf(text).add(view);
      // An editor can't be changed while it is made.
      queueMicrotask(() => this.draw(text, view));
    };
    const leave = (view: EditorView) => this.viewsOf(text).delete(view);
    return [
      Prec.high(keymap.of(KEYS)),
      ViewPlugin.define(view => {
        enter(view);
        return { destroy: () => leave(view) };
      })
    ];
  }

  /** Show the findings of a cell; what is shown already is left alone, so that an open list stays open. */
  show(text: SharedText, inline: readonly IInline[], actions: IActions): void {
    const before = this.shown.get(text);
    if (!before && inline.length === 0) {
      return;
    }
    const isSame = before?.text === text.getSource() && JSON.stringify(before.inline) === JSON.stringify(inline);
    if (!isSame) {
      this.shown.set(text, { text: text.getSource(), inline, actions });
      this.viewsOf(text).forEach(view => this.draw(text, view));
    }
  }

  private draw(text: SharedText, view: EditorView): void {
    const shown = this.shown.get(text);
    // Made after the cell was edited, it waits for the next analysis.
    if (shown?.text === view.state.doc.toString()) {
      view.dispatch(
        setDiagnostics(
          view.state,
          shown.inline.map(inline => diagnosticOf(inline, shown.actions))
        )
      );
    }
  }

  private viewsOf(text: SharedText): Set<EditorView> {
    const views = this.views.get(text) ?? new Set();
    this.views.set(text, views);
    return views;
  }

  private readonly shown = new WeakMap<SharedText, IShown>();
  private readonly views = new WeakMap<SharedText, Set<EditorView>>();
}

/** A finding of ours in an editor, with the way to it in the panel. */
interface IOwn extends Diagnostic {
  readonly open: () => void;
}

function diagnosticOf(inline: IInline, actions: IActions): IOwn {
  const { from, to, finding } = inline;
  return {
    from,
    to,
    severity: severityOf(finding.severity),
    source: 'nb2svc',
    message: `${finding.code}: ${finding.message} ${finding.remedy}`,
    renderMessage: () => actions.render(inline),
    open: () => actions.open(finding.code),
    actions: finding.fixes.map(fix => ({ name: actions.fixLabel(fix), apply: view => apply(view, actions, fix) }))
  };
}

/** Make a fix, and go back to the text, where it can be undone by key. */
function apply(view: EditorView, actions: IActions, fix: IFix): void {
  actions.fix(fix);
  view.focus();
}

/** The keys of CodeMirror's lint keymap, and that of a quick fix elsewhere, where there is a finding; elsewhere they mean what they mean without us. */
const KEYS: readonly KeyBinding[] = [
  { key: 'F8', run: view => has(view) && announced(view) },
  { key: 'Mod-Shift-m', run: view => has(view) && listed(view) },
  { key: 'Mod-.', run: view => has(view) && onlyFix(view) }
];

function has(view: EditorView): boolean {
  return diagnosticCount(view.state) > 0;
}

/** Show a finding in the panel: the one at the cursor, else the cell's first. A list in the editor can't have the focus in JupyterLab. */
function listed(view: EditorView): boolean {
  const [first] = [...diagnosticsAt(view), ...diagnosticsAt(view, 0, view.state.doc.length)];
  if (first) {
    // JupyterLab puts the focus into its cell at a key that comes by it: only then may the panel take it.
    window.setTimeout(first.open);
  }
  return first !== undefined;
}

/** Go to the next finding, and say it aloud: the selection alone would not. */
function announced(view: EditorView): boolean {
  nextDiagnostic(view);
  const [at] = diagnosticsAt(view);
  if (at) {
    view.dispatch({ effects: EditorView.announce.of(at.message) });
  }
  return true;
}

/** Make the fix at the cursor where there is just one; the panel shows the others. */
function onlyFix(view: EditorView): boolean {
  const [action, ...others] = diagnosticsAt(view).flatMap(diagnostic => diagnostic.actions ?? []);
  if (!action || others.length > 0) {
    return listed(view);
  }
  const { from, to } = view.state.selection.main;
  action.apply(view, from, to);
  return true;
}

function diagnosticsAt(view: EditorView, from = view.state.selection.main.from, to = view.state.selection.main.to): IOwn[] {
  const found: IOwn[] = [];
  forEachDiagnostic(view.state, (diagnostic, start, end) => {
    if (start <= to && end >= from && isOwn(diagnostic)) {
      found.push(diagnostic);
    }
  });
  return found;
}

function isOwn(diagnostic: Diagnostic): diagnostic is IOwn {
  return 'open' in diagnostic;
}
