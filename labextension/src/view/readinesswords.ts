import type { TranslationBundle } from '@jupyterlab/translation';

import type { IChecklistItem, ItemStatus } from '../model/documents';
import { countsOf } from '../model/readiness';

// As in the page of the checklist.
const SIGNS: Readonly<Record<ItemStatus, string>> = {
  pass: '●',
  fail: '✖',
  broken: '✖',
  warn: '▲',
  stale: '◔',
  expired: '◔',
  attested: '◆',
  waived: '◇',
  not_applicable: '–',
  not_evaluated: '◌'
};

export function sign(status: ItemStatus): string {
  return SIGNS[status];
}

/** A status in the reader's language: no meaning by sign or colour alone. */
export function statusWord(status: ItemStatus, trans: TranslationBundle): string {
  switch (status) {
    case 'pass':
      return trans.__('pass');
    case 'fail':
      return trans.__('fail');
    case 'broken':
      return trans.__('broken');
    case 'warn':
      return trans.__('warning');
    case 'stale':
      return trans.__('stale');
    case 'expired':
      return trans.__('expired');
    case 'attested':
      return trans.__('attested');
    case 'waived':
      return trans.__('waived');
    case 'not_applicable':
      return trans.__('not applicable');
    case 'not_evaluated':
      return trans.__('not evaluated');
  }
}

/** The counts in words: "4 pass, 5 not evaluated". */
export function tally(items: readonly IChecklistItem[], trans: TranslationBundle): string {
  return countsOf(items)
    .map(({ status, count }) => trans.__('%1 %2', count, statusWord(status, trans)))
    .join(', ');
}

/** How much an item weighs, in the reader's language. */
export function severityWord(severity: IChecklistItem['severity'], trans: TranslationBundle): string {
  switch (severity) {
    case 'blocker':
      return trans.__('blocker');
    case 'warning':
      return trans.__('warning');
    case 'info':
      return trans.__('info');
  }
}
