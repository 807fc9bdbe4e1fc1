import { describe, expect, it } from 'vitest';

import type { ITaggable } from './directive';
import { optionOf, spelt, withOption } from './options';

const cell = (source: string, tags: string[] = [], settings?: unknown): ITaggable => ({ source, tags, settings });

describe('an option', () => {
  it('is kept in the metadata, beside a tag or a source that has the role', () => {
    const tag = withOption(cell('x', ['nb2svc:feature'], { name: 'ages' }), 'raw', 'loans');
    expect(tag.settings).toEqual({ name: 'ages', options: { raw: 'loans' } });
    const source = withOption(cell('# nb2svc: feature ages\nx'), 'raw', 'loans');
    expect(source).toEqual(cell('# nb2svc: feature ages\nx', [], { options: { raw: 'loans' } }));
    expect(optionOf(source, 'raw')).toEqual({ value: 'loans', where: 'metadata' });
  });

  it('is changed in the source where it stands there', () => {
    const said = cell('%%feature ages raw=loans lookup="a, b"  # why\nx', [], { options: { raw: 'other', request: 'c' } });
    expect(optionOf(said, 'raw')).toEqual({ value: 'loans', where: 'source' });
    expect(optionOf(said, 'lookup')).toEqual({ value: 'a, b', where: 'source' });
    expect(withOption(said, 'raw', 'homes')).toEqual(
      cell('%%feature ages raw=homes lookup="a, b"  # why\nx', [], { options: { request: 'c' } })
    );
    expect(withOption(said, 'lookup', null).source).toBe('%%feature ages raw=loans # why\nx');
  });

  it('goes without a trace, and leaves what is somebody else’s', () => {
    const said = cell('x', ['nb2svc:model'], { options: { output: 'p' }, theirs: 1 });
    expect(withOption(said, 'output', null).settings).toEqual({ theirs: 1 });
    expect(withOption(cell('x', ['nb2svc:model'], { options: { output: 'p' } }), 'output', null).settings).toBeUndefined();
  });

  it('is no word of a remark', () => {
    expect(optionOf(cell('# nb2svc: feature ages # raw=old\nx'), 'raw')).toBeNull();
  });

  it('is read from metadata as the compiler reads it', () => {
    const said = cell('x', ['nb2svc:feature'], { options: { lookup: ['a', 'b'], serve: true } });
    expect(optionOf(said, 'lookup')?.value).toBe('a,b');
    expect(optionOf(said, 'serve')?.value).toBe('true');
  });

  it('is quoted where a space would end it', () => {
    expect(spelt('optional', 'age,home town')).toBe('optional="age,home town"');
    expect(spelt('optional', 'a "b"')).toBe('optional="a \\"b\\""');
    expect(spelt('raw', 'loans')).toBe('raw=loans');
  });
});
