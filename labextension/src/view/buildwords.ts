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
