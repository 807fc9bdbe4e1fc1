import { expectTypeOf, it } from 'vitest';

import type { IAnalysis, IPlannedRuns, IReadiness, IShown, ISuggestion, IValidated } from './documents';
import type { IBuildDocument, IValidationDocument } from './jobs';
import type { IPage, ITraced } from './rows';
import type {
  AnalysisDocument,
  BuildDocument,
  ErrorDocument,
  LastValidationDocument,
  PlannedRunsDocument,
  ReadinessDocument,
  RowDocument,
  RowsDocument,
  ShownDocument,
  SuggestionDocument,
  ValidationDocument
} from './schema';

// Checked by the compiler (npm run lint): what the panel reads is in what the server says, and of that type.
it('reads no field that the documents do not have', () => {
  expectTypeOf<AnalysisDocument | ErrorDocument>().toExtend<IAnalysis>();
  expectTypeOf<SuggestionDocument | ErrorDocument>().toExtend<ISuggestion>();
  expectTypeOf<ShownDocument | ErrorDocument>().toExtend<IShown>();
  expectTypeOf<ReadinessDocument | ErrorDocument>().toExtend<IReadiness>();
  expectTypeOf<PlannedRunsDocument | ErrorDocument>().toExtend<IPlannedRuns>();
  expectTypeOf<LastValidationDocument | ErrorDocument>().toExtend<IValidated>();
  expectTypeOf<BuildDocument | ErrorDocument>().toExtend<IBuildDocument>();
  expectTypeOf<ValidationDocument | ErrorDocument>().toExtend<IValidationDocument>();
  // What is in a captured row is JSON, which the schema leaves open.
  expectTypeOf<keyof IPage>().toExtend<keyof RowsDocument>();
  expectTypeOf<keyof ITraced>().toExtend<keyof RowDocument>();
});
