import { describe, expect, it } from 'vitest';

import { asked, DEFAULTS, fieldOf, formOf, typed, UNSAID, validationLine, type IValidationOptions } from './validation';
import cases from './validation.cases.json';

describe('the form of a validation', () => {
  it.each(cases)('$line', ({ path, options, line }) => {
    const said = options as IValidationOptions;
    expect(validationLine(path, said)).toBe(line);
    expect(asked(formOf(said))).toEqual(said);
  });

  it('leaves out what nobody said', () => {
    expect(asked(DEFAULTS)).toEqual({});
    const fields = new Map([
      ['seed', { kind: 'grid', text: '  ' } as const],
      ['constructor', { kind: 'value', text: '1' } as const]
    ]);
    expect(asked({ ...DEFAULTS, fields, repeat: ' 2 ', lower: '\n\n' })).toEqual({
      parameters: { constructor: '1' },
      repeat: '2'
    });
  });

  it('lets a gate compare other files only where there is one, and names a project only where it is asked', () => {
    expect(asked({ ...DEFAULTS, champion: ' ', otherData: true, project: 'loans' })).toEqual({});
  });

  it('gives a margin without a number as it is, for the server to say what is wrong', () => {
    expect(asked({ ...DEFAULTS, margins: 'auc\n a=b = 0.1 ' })).toEqual({ margins: { auc: '', 'a=b': '0.1' } });
  });

  it.each([
    ['int', '1..10', 'grid'],
    ['int', '[1, 2]', 'grid'],
    ['float', ' [0.1', 'grid'],
    ['bool', '[true, false]', 'grid'],
    ['int', '1', 'value'],
    ['text', '1..10', 'value'],
    ['text', '["a"]', 'value'],
    ['other', '[1]', 'value']
  ] as const)('takes what can be no single value of %s for many: %s', (kind, text, found) => {
    expect(typed(UNSAID, text, { kind })).toEqual({ kind: found, text });
  });

  it('does not go back by itself to one value', () => {
    expect(typed({ kind: 'grid', text: '1..1' }, '1', { kind: 'int' }).kind).toBe('grid');
  });

  it.each([
    ['-p rate', 'parameters.rate'],
    ['-p rate=…', 'parameters.rate'],
    ['--grid seed', 'grid.seed'],
    ['--margin a=b=…', 'margins.a=b'],
    ['--baseline last', 'baseline'],
    ['--timeout', 'timeout'],
    ['env:TOKEN', 'parameters.token'],
    ['--gate champion=main:a.json', 'gate.champion'],
    ['--other-data', 'gate.champion'],
    ['--matrix, case small: rate', 'matrix'],
    ['cases.yaml, line 3', 'matrix'],
    ['--service', 'service'],
    ['below/loans', 'service'],
    ['env:OTHER', null],
    ['loans.ipynb', null],
    ['', null]
  ])('knows where %j stands', (where, field) => {
    const options = { matrix: 'below/cases.yaml', service: true, project: 'below/loans' };
    expect(fieldOf(where, { parameters: { token: 'env:TOKEN' }, ...options })).toBe(field);
  });
});
