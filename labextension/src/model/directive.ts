/**
 * Which role a cell has, as the compiler reads it, and how it gets another: a magic or a comment in its source, or a tag.
 *
 * What the compiler says of the notebook counts; this is for the moment before it answers, and for writing. Its cases are
 * those of `directive.cases.json`, which the compiler's own tests run too.
 */

import { OPTIONS, remarkOf, restFor } from './optionwords';
import { quoted, wordsOf } from './words';

export const ROLES = ['feature', 'model', 'check', 'keep', 'drop'] as const;
export type Role = (typeof ROLES)[number];
export type Spelling = 'magic' | 'comment' | 'metadata';

/** What of a cell can hold a directive. */
export interface ITaggable {
  readonly source: string;
  readonly tags: readonly string[];
  /** `metadata.nb2svc` as it lies in the file: anything. */
  readonly settings: unknown;
}

/** What says a cell's role. `line` counts from 0; null where the metadata says it. */
export interface IDirective {
  readonly role: Role;
  readonly name: string;
  readonly rest: string;
  readonly spelling: Spelling;
  readonly line: number | null;
}

const PREFIX = 'nb2svc:';
const MAGIC = /^(\s*%%)(nb2svc|feature|model|check)(?=\s|$)(.*)$/;
const COMMENT = /^(\s*#\s*\|?\s*nb2svc\s*:)(.*)$/;
// These let the rest of the cell run as it is, so a directive may stand below them.
const TRANSPARENT = /^\s*%%(time|timeit|capture|prun)\b/;

/** The directive that a cell has: its source comes before its tags. */
export function directiveOf(cell: ITaggable): IDirective | null {
  return inSource(cell.source) ?? inMetadata(cell);
}

/** Whether both the source and the tags speak, and differ in the role. */
export function isContradictory(cell: ITaggable): boolean {
  const source = inSource(cell.source);
  const roles = tagged(cell.tags);
  return roles.length > 1 || (source !== null && roles.some(role => role !== source.role));
}

/** Whether a cell of that role becomes something that has a name in the service. */
export function isNamed(role: Role): boolean {
  return role !== 'keep' && role !== 'drop';
}

/** The cell with another role, or none; where its source has the directive, that line is changed. */
export function withRole(cell: ITaggable, role: Role | null, name?: string): ITaggable {
  const said = inSource(cell.source);
  const called = role !== null && isNamed(role) ? (name ?? (said ?? inMetadata(cell))?.name ?? '') : '';
  if (said?.line !== null && said?.line !== undefined) {
    const lines = cell.source.split('\n');
    const line = lines[said.line] ?? '';
    const left = role === null ? remarkOf(said.rest) : respelt(line, [role, quoted(called), restOf(said, role)]);
    lines.splice(said.line, 1, ...(left === '' ? [] : [left]));
    // What the metadata overrules of this role stays; its name stands in the source.
    const settings = settled(cell.settings, '', optionsFor(cell.settings, said.role, role));
    return { source: lines.join('\n'), tags: untagged(cell.tags), settings };
  }
  const tags = untagged(cell.tags);
  if (role === null) {
    return { source: cell.source, tags, settings: settled(cell.settings, '', {}) };
  }
  const before = inMetadata(cell);
  const options = before ? optionsFor(cell.settings, before.role, role) : {};
  return { source: cell.source, tags: [...tags, PREFIX + role], settings: settled(cell.settings, called, options) };
}

// Options belong to a role: another role has those that it knows, too.
function restOf(said: IDirective, role: Role): string {
  return role === said.role ? said.rest : restFor(role, said.rest);
}

function optionsFor(settings: unknown, before: Role, role: Role | null): Record<string, unknown> {
  const options = Object.entries(optionsOf(settings));
  const isKnown = (key: string) => role === before || (role !== null && OPTIONS[role].includes(key));
  return Object.fromEntries(options.filter(([key]) => isKnown(key)));
}

/** Whether a text can be the name of a step: it becomes a Python function's. */
export function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) && !isKeyword(text);
}

/** Whether a text is a word of Python's own. */
export function isKeyword(text: string): boolean {
  return KEYWORDS.has(text);
}

/** The directive that a cell's source has, well-formed or not. */
export function inSource(source: string): IDirective | null {
  for (const [line, text] of source.split('\n').entries()) {
    const magic = MAGIC.exec(text);
    const comment = magic ? null : COMMENT.exec(text);
    if (magic) {
      const said = magic[2] === 'nb2svc' ? (magic[3] ?? '') : `${magic[2]}${magic[3] ?? ''}`;
      return parsed(said, 'magic', line);
    }
    if (comment) {
      return parsed(comment[2] ?? '', 'comment', line);
    }
    const header = text.trim() === '' || text.trim().startsWith('#') || TRANSPARENT.test(text);
    if (!header) {
      return null;
    }
  }
  return null;
}

function parsed(text: string, spelling: Spelling, line: number): IDirective | null {
  const [first, second] = wordsOf(text);
  const role = ROLES.find(known => first?.key === '' && known === first.value);
  if (!first || !role) {
    return null;
  }
  const isNamed = second?.key === '' && (second.isQuoted || !second.value.includes('='));
  const name = isNamed ? second.value : '';
  return { role, name, rest: text.slice((isNamed ? second : first).end).trim(), spelling, line };
}

function inMetadata(cell: ITaggable): IDirective | null {
  const [role, ...others] = tagged(cell.tags);
  if (!role || others.length > 0) {
    return null;
  }
  const settings = record(cell.settings);
  const name = typeof settings.name === 'string' ? settings.name : '';
  return { role, name, rest: '', spelling: 'metadata', line: null };
}

/** A directive's line with other words after its beginning. */
export function respelt(line: string, words: readonly string[]): string {
  const text = words.filter(word => word !== '').join(' ');
  const magic = MAGIC.exec(line);
  if (magic) {
    // Roles without a name have no magic of their own: `%%nb2svc keep`.
    const isShort = magic[2] !== 'nb2svc' && ROLES.some(role => role === words[0] && isNamed(role));
    return isShort ? `${magic[1]}${text}` : `${magic[1]}nb2svc ${text}`;
  }
  return `${COMMENT.exec(line)?.[1] ?? '# nb2svc:'} ${text}`;
}

function tagged(tags: readonly string[]): Role[] {
  return ROLES.filter(role => tags.some(tag => tag.startsWith(PREFIX) && tag.slice(PREFIX.length).trim() === role));
}

function untagged(tags: readonly string[]): string[] {
  return tags.filter(tag => !tag.startsWith(PREFIX));
}

/** The options that `metadata.nb2svc` gives. */
export function optionsOf(settings: unknown): Record<string, unknown> {
  return record(record(settings).options);
}

/** `metadata.nb2svc` with another name and other options; what somebody else keeps there stays. Undefined where nothing is left. */
export function settled(settings: unknown, name: string, options: Record<string, unknown>): unknown {
  const foreign = Object.entries(record(settings)).filter(([key]) => key !== 'name' && key !== 'options');
  const all: Record<string, unknown> = {
    ...(name ? { name } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...Object.fromEntries(foreign)
  };
  return Object.keys(all).length > 0 ? all : undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global ' +
    'if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' ')
);
