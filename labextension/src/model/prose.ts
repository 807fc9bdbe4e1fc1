/** What of a sentence is code: the compiler writes it between backticks. */

export interface IPart {
  readonly text: string;
  readonly isCode: boolean;
}

/** ``write `x = 1` `` → "write ", and `x = 1` as code; a backtick without another stays as it is. */
export function partsOf(text: string): IPart[] {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) => ({ text: part, isCode: index % 2 === 1 }))
    .filter(part => part.text !== '');
}

/** The same as it is read aloud: without the backticks. */
export function aloud(text: string): string {
  return partsOf(text)
    .map(part => part.text)
    .join('');
}

/** What, why and what to do, each as a sentence of its own. */
export function problemText(problem: { readonly what: string; readonly why: string; readonly fix: string }): string {
  return [problem.what, problem.why, problem.fix]
    .filter(part => part !== '')
    .map(part => part.slice(0, 1).toUpperCase() + part.slice(1).replace(/\.$/, ''))
    .join('. ');
}
