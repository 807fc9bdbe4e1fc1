/** Words about a command that the server runs, whichever it is. */

import type { TranslationBundle } from '@jupyterlab/translation';

/** 4.2 → `4 s`, 75 → `1:15 min`. */
export function timeWords(seconds: number, trans: TranslationBundle): string {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, '0');
  return whole < 60 ? trans.__('%1 s', whole) : trans.__('%1:%2 min', Math.floor(whole / 60), rest);
}

/** What stands in the way of a job. */
export function troubleWords(trouble: { readonly kind: string; readonly text: string }, trans: TranslationBundle): string {
  switch (trouble.kind) {
    case 'unsaved':
      return trans.__(
        'The notebook could not be saved, and its file is what is run: %1. Save it under another name.',
        trouble.text
      );
    case 'parameters':
      return trans.__('“%1” is no parameter: write NAME=VALUE, each name once.', trouble.text);
    case 'away':
      return trans.__('The server does not answer; it is asked again.');
    case 'forbidden':
      return trans.__('The server does not let you ask after it (%1); it is asked again. Log in anew.', trouble.text);
    case 'unwell':
      return trans.__('The server could not say how it stands (%1); it is asked again.', trouble.text);
    case 'strange':
      return trans.__('What came was no answer of the server, but perhaps a page to log in; it is asked again.');
    case 'gone':
      return trans.__('Cell %1, as it was then, is not in the notebook any more.', trouble.text);
    case 'lost':
      return trans.__('The server does not know the job any more: it was started again since. %1', trouble.text);
    default:
      return trans.__('It could not be begun: %1', trouble.text);
  }
}
