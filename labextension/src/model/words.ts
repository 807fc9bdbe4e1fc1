/** The words of a directive, as the compiler's grammar takes them: bare or in quotes, with a key or without. */

export interface IWord {
  readonly key: string;
  readonly value: string;
  readonly isQuoted: boolean;
  readonly start: number;
  readonly end: number;
}

/** The words of a text up to a remark, or to what can't be read. */
export function wordsOf(text: string): IWord[] {
  const found: IWord[] = [];
  const word = /(?:([^\s='"#]+)=)?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s'"#][^\s'"]*))(?=\s|#|$)/y;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    word.lastIndex = at;
    const match = word.exec(text);
    if (!match) {
      break;
    }
    at = word.lastIndex;
    const quoted = match[2] ?? match[3];
    const value = quoted === undefined ? (match[4] ?? '') : quoted.replace(/\\(.)/g, '$1');
    found.push({ key: match[1] ?? '', value, isQuoted: quoted !== undefined, start: match.index, end: at });
  }
  return found;
}

/** A value as a directive has it: `age`, `"home town"`. */
export function quoted(value: string): string {
  return /[\s'"#]/.test(value) ? `"${value.replace(/(["\\])/g, '\\$1')}"` : value;
}
