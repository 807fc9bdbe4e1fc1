/** The options of a directive as they are written: `raw=loans optional="home town,age"`, and which role knows which. */

import type { Role } from './directive';
import { wordsOf } from './words';

/** The options that each role knows, as the compiler's grammar does; both are held against `optionwords.cases.json`. */
export const OPTIONS: Readonly<Record<Role, readonly string[]>> = {
  feature: ['raw', 'request', 'lookup', 'optional'],
  model: ['output', 'estimator', 'target', 'answer_outside_domain', 'metrics', 'margin', 'lower', 'higher'],
  check: ['serve', 'metrics', 'margin', 'lower', 'higher'],
  keep: [],
  drop: []
};

/** What follows a role's name, for another role: the options that this one knows, too, and the author's remark. */
export function restFor(role: Role, rest: string): string {
  const all = wordsOf(rest);
  const known = all.filter(word => OPTIONS[role].includes(word.key)).map(word => rest.slice(word.start, word.end));
  return `${known.join(' ')}${afterWords(rest)}`.trim();
}

/** The remark behind a directive's options; "" where there is none. */
export function remarkOf(rest: string): string {
  const after = afterWords(rest).trim();
  return after.startsWith('#') ? after : '';
}

function afterWords(rest: string): string {
  return rest.slice(Math.max(0, ...wordsOf(rest).map(word => word.end)));
}
