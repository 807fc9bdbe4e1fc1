import { expectTypeOf, it } from 'vitest';

import type { IAnalysis, IReadiness, IShown, ISuggestion } from './documents';
import type { IPage, ITraced } from './rows';
import type {
  AnalysisDocument,
  ErrorDocument,
  ReadinessDocument,
  RowDocument,
  RowsDocument,
  ShownDocument,
  SuggestionDocument
} from './schema';

// Checked by the compiler (npm run lint): what the panel reads is in what the server says, and of that type.
it('reads no field that the documents do not have', () => {
  expectTypeOf<AnalysisDocument | ErrorDocument>().toExtend<IAnalysis>();
  expectTypeOf<SuggestionDocument | ErrorDocument>().toExtend<ISuggestion>();
  expectTypeOf<ShownDocument | ErrorDocument>().toExtend<IShown>();
  expectTypeOf<ReadinessDocument | ErrorDocument>().toExtend<IReadiness>();
  // What is in a captured row is JSON, which the schema leaves open.
  expectTypeOf<keyof IPage>().toExtend<keyof RowsDocument>();
  expectTypeOf<keyof ITraced>().toExtend<keyof RowDocument>();
});
