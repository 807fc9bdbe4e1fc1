import type { TranslationBundle } from '@jupyterlab/translation';

import { numberText, type IRun, type RunState } from '../model/runs';
import type { CheckOutcome, Comparison, Interval, Judgement, MetricValue, ServiceOutcome } from '../model/schema';

/** How a run stands as a sign, a word, and a colour: no meaning by colour alone. */
export function runWords(
  status: RunState,
  trans: TranslationBundle
): { readonly sign: string; readonly word: string; readonly colour: string } {
  switch (status) {
    case 'running':
      return { sign: '▸', word: trans.__('running'), colour: 'running' };
    case 'ok':
      return { sign: '✓', word: trans.__('ok'), colour: 'ok' };
    case 'failed':
      return { sign: '✕', word: trans.__('failed a check'), colour: 'refused' };
    case 'error':
      return { sign: '✕', word: trans.__('broke'), colour: 'refused' };
    case 'timeout':
      return { sign: '◷', word: trans.__('took too long'), colour: 'refused' };
    case 'died':
      return { sign: '✕', word: trans.__('died'), colour: 'refused' };
    case 'not_run':
      return { sign: '·', word: trans.__('not run'), colour: 'waiting' };
  }
}

/** A run in a line; of a single one nothing tells it from others. */
export function runLabel(run: IRun, trans: TranslationBundle): string {
  return run.label || trans.__('run %1', run.number);
}

/** By which way a result came. */
export function pathWord(run: IRun, trans: TranslationBundle): string {
  if (run.reused) {
    return trans.__('made before');
  }
  switch (run.path) {
    case 'plain':
      return trans.__('own kernel');
    case 'fork':
      return trans.__('forked');
    case 'reuse':
      return trans.__('shared cells');
  }
}

/** What became of a check that did not pass. */
export function checkWord(outcome: CheckOutcome['outcome'], trans: TranslationBundle): string {
  switch (outcome) {
    case 'pass':
      return trans.__('passed');
    case 'fail':
      return trans.__('failed');
    case 'error':
      return trans.__('could not be evaluated');
    case 'not_reached':
      return trans.__('not reached');
  }
}

/** What all runs say together, in a sentence. */
export function verdictWords(
  outcome: Judgement['outcome'],
  trans: TranslationBundle
): { readonly sentence: string; readonly colour: string } {
  switch (outcome) {
    case 'pass':
      return { sentence: trans.__('It passes.'), colour: 'ok' };
    case 'warn':
      return { sentence: trans.__('It passes, with a warning.'), colour: 'warning' };
    case 'fail':
      return { sentence: trans.__('It does not pass.'), colour: 'refused' };
    case 'open':
      return { sentence: trans.__('It can’t be told.'), colour: 'warning' };
  }
}

/** A metric now and in the baseline, in a word. */
export function comparedWord(outcome: Comparison['outcome'], trans: TranslationBundle): string {
  switch (outcome) {
    case 'no_worse':
      return trans.__('no worse');
    case 'worse':
      return trans.__('worse');
    case 'open':
      return trans.__('can’t be told');
  }
}

/** Whether the built service answered as the notebook did in a run. */
export function serviceWords(
  status: ServiceOutcome['status'],
  trans: TranslationBundle
): { readonly sign: string; readonly word: string; readonly colour: string } {
  switch (status) {
    case 'pass':
      return { sign: '✓', word: trans.__('answers alike'), colour: 'ok' };
    case 'warn':
      return { sign: '!', word: trans.__('answers alike but for knife edges'), colour: 'warning' };
    case 'fail':
      return { sign: '✕', word: trans.__('differs'), colour: 'refused' };
    case 'not_evaluated':
      return { sign: '·', word: trans.__('not compared'), colour: 'warning' };
  }
}

/** Whether the model of these runs may take the place of the champion. */
export function gateWords(
  outcome: Judgement['outcome'],
  trans: TranslationBundle
): { readonly sign: string; readonly sentence: string; readonly colour: string } {
  switch (outcome) {
    case 'pass':
      return { sign: '✓', sentence: trans.__('The gate is open.'), colour: 'ok' };
    case 'warn':
      return { sign: '!', sentence: trans.__('The gate is open, with a warning.'), colour: 'warning' };
    case 'fail':
      return { sign: '✕', sentence: trans.__('The gate is closed.'), colour: 'refused' };
    case 'open':
      return { sign: '✕', sentence: trans.__('It can’t be told, so the gate stays closed.'), colour: 'refused' };
  }
}

/** A check or a metric, and the part of the held-out rows that it is about. */
export function withSegment(name: string, segment: string): string {
  return segment ? `${name} [${segment}]` : name;
}

/** A value as it was told: a number that was no finite one has its name. */
export function metricText(metric: MetricValue | undefined): string {
  return metric ? metric.special || numberText(metric.value) : '';
}

export function intervalText({ low, high }: Interval, trans: TranslationBundle): string {
  return trans.__('%1 to %2', numberText(low), numberText(high));
}

/** 0.0123 → `1.2 %`. */
export function shareText(share: number, trans: TranslationBundle): string {
  return trans.__('%1 %', Number((share * 100).toPrecision(2)));
}
