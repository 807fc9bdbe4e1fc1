import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDirective, Role } from '../model/directive';
import type { Severity } from '../model/documents';
import type { CellState } from '../model/summary';

/** A role in the reader's language. */
export function roleWord(role: Role, trans: TranslationBundle): string {
  switch (role) {
    case 'feature':
      return trans.__('feature');
    case 'model':
      return trans.__('model');
    case 'check':
      return trans.__('check');
    case 'keep':
      return trans.__('keep');
    case 'drop':
      return trans.__('drop');
  }
}

/** What is said of a cell whose source and tags, or two tags, say different roles. */
export function contradiction(directive: IDirective | null, trans: TranslationBundle): string {
  return directive
    ? trans.__('The source and the tags of this cell differ; the source counts.')
    : trans.__('This cell has tags of several roles: choose one.');
}

/** How grave a finding is, in a word. */
export function severityWords(severity: Severity, trans: TranslationBundle): string {
  switch (severity) {
    case 'refusal':
      return trans.__('refused');
    case 'warning':
      return trans.__('warning');
    case 'info':
      return trans.__('note');
  }
}

/** A state as a sign and a word: no meaning by colour alone. */
export function stateWords(state: CellState, trans: TranslationBundle): { sign: string; word: string } {
  switch (state) {
    case 'ok':
      return { sign: '✓', word: trans.__('nothing found') };
    case 'warning':
      return { sign: '!', word: trans.__('warning') };
    case 'refused':
      return { sign: '✕', word: trans.__('refused') };
    case 'stale':
      return { sign: '…', word: trans.__('not analysed yet') };
  }
}
