import { describe, expect, it } from 'vitest';

import cases from './directive.cases.json';
import { directiveOf, isContradictory, isName, withRole, type ITaggable } from './directive';

function cell(source: string, tags: string[] = [], settings?: unknown): ITaggable {
  return { source, tags, settings };
}

describe('a cell’s directive', () => {
  it.each(cases)('$name', ({ source, tags, settings, said }) => {
    const found = directiveOf(cell(source, tags ?? [], settings));
    expect(found && { role: found.role, name: found.name, spelling: found.spelling }).toEqual(said);
  });
});

describe('another role', () => {
  it('is a tag beside the tags of others', () => {
    expect(withRole(cell('x = 1', ['slow']), 'feature')).toEqual(cell('x = 1', ['slow', 'nb2svc:feature']));
  });

  it('replaces the tag, and leaves nothing of it', () => {
    const before = cell('x = 1', ['nb2svc:feature', 'slow'], { name: 'ages', options: { raw: 'loans' } });
    expect(withRole(before, 'model')).toEqual(cell('x = 1', ['slow', 'nb2svc:model'], { name: 'ages' }));
    expect(withRole(before, null)).toEqual(cell('x = 1', ['slow']));
  });

  it('keeps the options where only the name changes', () => {
    const before = cell('x = 1', ['nb2svc:feature'], { name: 'ages', options: { raw: 'loans' } });
    expect(withRole(before, 'feature', 'years').settings).toEqual({ name: 'years', options: { raw: 'loans' } });
  });

  it('is written where the source says it, in its own spelling', () => {
    expect(withRole(cell('#| nb2svc: feature ages raw=loans\nx = 1'), 'feature', 'years').source).toBe(
      '#| nb2svc: feature years raw=loans\nx = 1'
    );
    expect(withRole(cell('%%feature ages\nx = 1'), 'model').source).toBe('%%model ages\nx = 1');
    expect(withRole(cell('%%nb2svc feature ages\nx = 1'), 'check').source).toBe('%%nb2svc check ages\nx = 1');
  });

  it('is written without quotes that the name does not need, and with those that it does', () => {
    expect(withRole(cell('# nb2svc: feature "ages" raw=loans\nx = 1'), 'feature', 'years').source).toBe(
      '# nb2svc: feature years raw=loans\nx = 1'
    );
    expect(withRole(cell('%%nb2svc feature "my ages"\nx = 1'), 'check').source).toBe('%%nb2svc check "my ages"\nx = 1');
    expect(withRole(cell('# nb2svc: feature "ages"\nx = 1'), 'drop').source).toBe('# nb2svc: drop\nx = 1');
  });

  it('leaves the remark of the author, and the options that it knows, too', () => {
    const before = cell('# nb2svc: feature ages raw=loans  # as of today\nx = 1');
    expect(withRole(before, 'model').source).toBe('# nb2svc: model ages # as of today\nx = 1');
    expect(withRole(before, 'keep').source).toBe('# nb2svc: keep # as of today\nx = 1');
    expect(withRole(before, null).source).toBe('# as of today\nx = 1');
    expect(withRole(cell('# nb2svc: model m metrics="auc, f1" target=y  # why'), 'check').source).toBe(
      '# nb2svc: check m metrics="auc, f1"  # why'
    );
    const tagged = cell('x', ['nb2svc:model'], { options: { metrics: 'auc', target: 'y' } });
    expect(withRole(tagged, 'check').settings).toEqual({ options: { metrics: 'auc' } });
  });

  it('takes the line away with the role', () => {
    expect(withRole(cell('# nb2svc: model\nm = 1', ['nb2svc:feature']), null)).toEqual(cell('m = 1'));
  });
});

describe('what the panel warns of', () => {
  it('is a source and a tag that differ, or two tags', () => {
    expect(isContradictory(cell('# nb2svc: check\nx', ['nb2svc:feature']))).toBe(true);
    expect(isContradictory(cell('x', ['nb2svc:feature', 'nb2svc:model']))).toBe(true);
    expect(isContradictory(cell('# nb2svc: check\nx', ['nb2svc:check']))).toBe(false);
  });
});

describe('a name', () => {
  it.each([
    ['ages', true],
    ['größe_2', true],
    ['2ages', false],
    ['my ages', false],
    ['class', false],
    ['', false]
  ])('%s: %s', (text, good) => {
    expect(isName(text)).toBe(good);
  });
});

describe('metadata of somebody else', () => {
  it('stays whatever the role becomes', () => {
    const before = cell('x = 1', ['nb2svc:feature'], { options: { raw: 'a' }, theirs: 1 });
    expect(withRole(before, 'model').settings).toEqual({ theirs: 1 });
    expect(withRole(before, null).settings).toEqual({ theirs: 1 });
  });

  it('and what is overruled there stays with the role that the source has', () => {
    const before = cell('# nb2svc: feature ages\nx', [], { options: { raw: 'a' }, theirs: 1 });
    expect(withRole(before, 'feature', 'years').settings).toEqual({ options: { raw: 'a' }, theirs: 1 });
    expect(withRole(before, 'check').settings).toEqual({ theirs: 1 });
  });
});

describe('a cell that is kept or left out', () => {
  it('has no name', () => {
    expect(withRole(cell('x', ['nb2svc:feature'], { name: 'ages' }), 'drop')).toEqual(cell('x', ['nb2svc:drop']));
    expect(withRole(cell('# nb2svc: feature ages\nx'), 'keep').source).toBe('# nb2svc: keep\nx');
  });

  it('has no magic of its own', () => {
    expect(withRole(cell('%%feature ages\nx'), 'keep').source).toBe('%%nb2svc keep\nx');
    expect(withRole(cell('%%model\nx'), 'drop').source).toBe('%%nb2svc drop\nx');
    expect(withRole(cell('%%nb2svc keep\nx'), 'feature', 'ages').source).toBe('%%nb2svc feature ages\nx');
  });
});
