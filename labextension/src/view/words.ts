import type { TranslationBundle } from '@jupyterlab/translation';

import type { Role } from '../model/directive';
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
