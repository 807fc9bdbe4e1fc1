import { expectTypeOf, it } from 'vitest';

import type { IAnalysis, IReadiness, IShown, ISuggestion } from './documents';
import type { AnalysisDocument, ErrorDocument, ReadinessDocument, ShownDocument, SuggestionDocument } from './schema';

// Checked by the compiler (npm run lint): what the panel reads is in what the server says, and of that type.
it('reads no field that the documents do not have', () => {
  expectTypeOf<AnalysisDocument | ErrorDocument>().toExtend<IAnalysis>();
  expectTypeOf<SuggestionDocument | ErrorDocument>().toExtend<ISuggestion>();
  expectTypeOf<ShownDocument | ErrorDocument>().toExtend<IShown>();
  expectTypeOf<ReadinessDocument | ErrorDocument>().toExtend<IReadiness>();
});
