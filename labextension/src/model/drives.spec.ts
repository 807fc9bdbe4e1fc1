import { expect, it } from 'vitest';

import { pathOnServer } from './drives';

it.each([
  ['loans.ipynb', 'loans.ipynb'],
  ['a folder/loans.ipynb', 'a folder/loans.ipynb'],
  ['RTC:a folder/loans.ipynb', 'a folder/loans.ipynb'],
  // None of these is a file of the server's folder.
  ['S3:bucket/loans.ipynb', 'S3:bucket/loans.ipynb'],
  ['rtc:loans.ipynb', 'rtc:loans.ipynb'],
  ['S3:RTC:loans.ipynb', 'S3:RTC:loans.ipynb'],
  ['drafts/RTC:loans.ipynb', 'drafts/RTC:loans.ipynb']
])('%s is %s for the server', (path, known) => {
  expect(pathOnServer(path)).toBe(known);
});
