import type { TranslationBundle } from '@jupyterlab/translation';

import type { IOutcome, Stage, StageState } from '../model/build';

/** What a stage does, in few words. */
export function stageWord(stage: Stage, trans: TranslationBundle): string {
  switch (stage) {
    case 'read':
      return trans.__('Read the notebook');
    case 'run':
      return trans.__('Run a copy of it');
    case 'capture':
      return trans.__('Learn what depends on many rows');
    case 'generate':
      return trans.__('Write the modules');
    case 'prove':
      return trans.__('Prove the answers');
    case 'package':
      return trans.__('Store the bento');
    case 'readiness':
      return trans.__('Judge the readiness');
  }
}

/** The state of a stage as a sign and a word. */
export function stageSign(state: StageState, trans: TranslationBundle): { readonly sign: string; readonly word: string } {
  switch (state) {
    case 'waiting':
      return { sign: '·', word: trans.__('not begun') };
    case 'running':
      return { sign: '▸', word: trans.__('running') };
    case 'ok':
      return { sign: '✓', word: trans.__('done') };
    case 'failed':
      return { sign: '✕', word: trans.__('failed') };
    case 'stopped':
      return { sign: '■', word: trans.__('stopped') };
  }
}

/** 4.2 → `4 s`, 75 → `1:15 min`. */
export function timeWords(seconds: number, trans: TranslationBundle): string {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, '0');
  return whole < 60 ? trans.__('%1 s', whole) : trans.__('%1:%2 min', Math.floor(whole / 60), rest);
}

/** What stands in the way of a build. */
export function troubleWords(trouble: { readonly kind: string; readonly text: string }, trans: TranslationBundle): string {
  switch (trouble.kind) {
    case 'unsaved':
      return trans.__(
        'The notebook could not be saved, and a build reads its file: %1. Save it under another name.',
        trouble.text
      );
    case 'parameters':
      return trans.__('“%1” is no parameter: write NAME=VALUE, each name once.', trouble.text);
    case 'away':
      return trans.__('The server does not answer; it is asked again.');
    case 'forbidden':
      return trans.__('The server does not let you ask after the build (%1); it is asked again. Log in anew.', trouble.text);
    case 'unwell':
      return trans.__('The server could not say how the build stands (%1); it is asked again.', trouble.text);
    case 'strange':
      return trans.__('What came was no answer of the server, but perhaps a page to log in; it is asked again.');
    case 'gone':
      return trans.__('Cell %1 of that build is not in the notebook any more.', trouble.text);
    case 'lost':
      return trans.__('The server does not know the build any more: it was started again since. %1', trouble.text);
    default:
      return trans.__('The build could not be begun: %1', trouble.text);
  }
}

/** How a build ended, in a sentence. */
export function outcomeWords(outcome: IOutcome, trans: TranslationBundle): string {
  const { rows, different } = outcome;
  const some = trans._n('%1 value frozen', '%1 values frozen', outcome.frozen);
  const frozen = outcome.frozen > 0 ? some : trans.__('no value frozen');
  const identical = trans._n('%2 row identical', '%2 rows identical', rows, rows.toLocaleString());
  const edges = outcome.edges > 0 ? trans._n(' but for %1 knife edge', ' but for %1 knife edges', outcome.edges) : '';
  switch (outcome.kind) {
    case 'proved':
      return trans.__('The service is proved: %1, %2%3.', frozen, identical, edges);
    case 'gate':
      return trans.__('The service is proved (%1, %2%3), but a blocker of its checklist is red.', frozen, identical, edges);
    case 'diverged':
      return different > 0
        ? trans._n(
            'The service does not answer as the notebook did: %1 row differs.',
            'The service does not answer as the notebook did: %1 rows differ.',
            different
          )
        : trans.__('The service could not be proved.');
    case 'refused':
      return trans.__('The notebook can’t be served as it stands.');
    case 'failed':
      return trans.__('The build failed.');
    case 'cancelled':
      return trans.__('The build was cancelled; nothing half-written was left.');
  }
}
