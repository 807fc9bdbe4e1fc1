import { expect, it } from 'vitest';

import cases from './optionwords.cases.json';
import { OPTIONS } from './optionwords';

it('each role knows the options that the compiler knows of it', () => {
  expect(OPTIONS).toEqual(cases);
});
