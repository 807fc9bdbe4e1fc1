/**
 * What a person overrules: an option of a cell's tag, kept in `metadata.nb2svc` beside a role that stands anywhere.
 *
 * Where the source says the option already, it is changed there: what only the metadata said otherwise would not count.
 */

import { inSource, optionsOf, respelt, settled, type ITaggable } from './directive';
import { quoted, wordsOf } from './words';

/** An option that a tag has: in its source, or in the cell's metadata. */
export interface IGiven {
  readonly value: string;
  readonly where: 'source' | 'metadata';
}

/** What an option is said to be, or null where it is left to inference. */
export function optionOf(cell: ITaggable, key: string): IGiven | null {
  const word = wordsOf(inSource(cell.source)?.rest ?? '').find(each => each.key === key);
  if (word) {
    return { value: word.value, where: 'source' };
  }
  const value = optionsOf(cell.settings)[key];
  return value === undefined ? null : { value: asText(value), where: 'metadata' };
}

/** The cell with another value of an option, or (null) without it. */
export function withOption(cell: ITaggable, key: string, value: string | null): ITaggable {
  const said = inSource(cell.source);
  const word = wordsOf(said?.rest ?? '').find(each => each.key === key);
  const others = Object.fromEntries(Object.entries(optionsOf(cell.settings)).filter(([each]) => each !== key));
  const name = nameOf(cell.settings);
  if (!word || said === null || said.line === null) {
    const options = value === null ? others : { ...others, [key]: value };
    return { ...cell, settings: settled(cell.settings, name, options) };
  }
  const before = said.rest.slice(0, word.start).trimEnd();
  const after = said.rest.slice(word.end).trimStart();
  const rest = [before, value === null ? '' : spelt(key, value), after].filter(text => text !== '').join(' ');
  const lines = cell.source.split('\n');
  lines[said.line] = respelt(lines[said.line] ?? '', [said.role, quoted(said.name), rest]);
  return { source: lines.join('\n'), tags: cell.tags, settings: settled(cell.settings, name, others) };
}

/** An option as a directive has it: `optional="home town,age"`. */
export function spelt(key: string, value: string): string {
  return `${key}=${quoted(value)}`;
}

function nameOf(settings: unknown): string {
  const name: unknown =
    typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>).name : undefined;
  return typeof name === 'string' ? name : '';
}

/** A value as the compiler reads it: lists have commas, flags are words. */
function asText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}
