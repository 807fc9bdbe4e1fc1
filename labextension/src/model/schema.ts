/** Made from docs/documents.schema.json by `make schema`: not to be edited. */

/**
 * Made from src/nb2svc/cli/document_types.py by `make schema`.
 */
export type Document =
  | AnalysisDocument
  | SuggestionDocument
  | ShownDocument
  | BuildDocument
  | TestDocument
  | ReadyDocument
  | ReadinessDocument
  | ValidationDocument
  | LastValidationDocument
  | PlannedRunsDocument
  | RowsDocument
  | RowDocument
  | DiffDocument
  | TraceDocument
  | ExplainDocument
  | JobFacts
  | JobsDocument
  | JobDocument
  | ErrorDocument;

/**
 * `nb2svc analyze`: what a build would serve, train and leave out. `outline` is null where it can't be compiled.
 *
 * With `--fix` it is of the mended notebook: `mended` says what was done, `written` whether the file has it.
 */
export interface AnalysisDocument {
  version: 1;
  error: null;
  findings: Finding[];
  notebook: Notebook;
  dataflow: Dataflow;
  outline: Outline | null;
  left_out: Reason[];
  checks: CheckAccount[];
  links: Link[];
  standings: CellStanding[];
  contract: Contract | null;
  parameters: OfferedParameter[];
  mended?: MendedFinding[];
  written?: boolean;
}
/**
 * One diagnostic about the notebook; a `refusal` stops the build.
 *
 * `code` is stable and short (`NB210`); `message` says what and why in the author's words; `remedy` is the edit that
 * cures it, as an imperative sentence; `span` is None only where no place in the notebook is to blame. `fixes` are ways to
 * cure it by an edit that can be made for the author.
 */
export interface Finding {
  code: string;
  severity: 'refusal' | 'warning' | 'info';
  message: string;
  remedy: string;
  span: Span | null;
  fixes: Fix[];
}
/**
 * A piece of one code cell, as its author sees it.
 *
 * `cell` counts code cells from 1, lines count from 1 in the cell's source, columns from 0 in characters
 * (not in UTF-8 bytes, as `ast` counts them); the end is exclusive.
 */
export interface Span {
  cell: number;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}
/**
 * Edits that together cure one finding; none of them overlap.
 *
 * `choice` says that another remedy may be what the author wants: a person has to choose it, `analyze --fix` does not.
 */
export interface Fix {
  title: string;
  edits: Edit[];
  metadata: Retag[];
  choice: boolean;
}
/**
 * A piece of a code cell's source is replaced by `text`; places as in a span, lines of `text` end at "\n".
 */
export interface Edit {
  cell: number;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  text: string;
}
/**
 * What changes in a cell's metadata; `cell` is its id, for a tag may be on a cell that holds no code.
 *
 * `settings` is a JSON merge patch (RFC 7396) of `metadata.nb2svc`: `{"options": {"output": "rate", "outptu": null}}`; "null"
 * takes it away, "" leaves it.
 */
export interface Retag {
  cell: string;
  add: string[];
  remove: string[];
  settings: string;
}
/**
 * A notebook that was read, never run.
 *
 * `name` is the file's name; `digest` the SHA-256 in hex of what a person wrote in it (cells, tags, options; no outputs),
 * `file_digest` that of the file; `kernel` the kernel's name in its metadata ("" where it says none); `installs` what its lines
 * install (`!pip install xgboost`). `prose` is for readers only.
 */
export interface Notebook {
  path: string;
  name: string;
  digest: string;
  kernel: string;
  cells: Cell[];
  installs: Install[];
  prose: Prose[];
  file_digest: string;
}
/**
 * A code cell.
 *
 * `number` counts code cells from 1. `source` is the author's text; `code` is the same text line for line as plain
 * Python: directives and IPython syntax are masked as comments (or `pass`), so a line of one is that line of the other.
 * `label` is the directive's name, else the cell's title or the nearest Markdown heading directly above, else "".
 * `file_line` is the line of the file that holds the first line of `source`; 0 where nobody reads the file by lines.
 * `marks` overrule single statements.
 */
export interface Cell {
  number: number;
  id: string;
  label: string;
  source: string;
  code: string;
  directive: Directive | null;
  parameters: boolean;
  execution_count: number | null;
  tags: string[];
  masked: Masked[];
  file_line: number;
  marks: StatementMark[];
}
/**
 * What says a cell's role: `feature ages raw=loans`.
 *
 * `options` keeps the author's order; a key occurs once.
 */
export interface Directive {
  role: 'feature' | 'model' | 'check' | 'keep' | 'drop';
  name: string | null;
  options: [string, string][];
  spelling: 'magic' | 'comment' | 'metadata';
  span: Span;
}
/**
 * One piece of IPython syntax, or of one host's own, that `Cell.code` no longer contains.
 *
 * `transparent` (a plot set-up, `%time y = f()` → `y = f()`), `dropped` (a display, a directive), `definitional`
 * (`x = !ls`: `defines` says which names), `refused` (nothing may depend on it: a finding where a slice needs it).
 * `runs` is False for what only another host can run, such as Colab's mounts: the run leaves it out.
 */
export interface Masked {
  span: Span;
  text: string;
  treatment: 'transparent' | 'dropped' | 'definitional' | 'refused';
  defines: string[];
  runs: boolean;
}
/**
 * What a person says of one statement of a cell: it is kept (`keep`), or left out (`drop`). `line` is its first.
 */
export interface StatementMark {
  line: number;
  role: 'feature' | 'model' | 'check' | 'keep' | 'drop';
}
/**
 * A package that a line of the notebook installs: the name as indexes compare it, `version` such as `==1.2` or "".
 */
export interface Install {
  name: string;
  version: string;
  span: Span;
}
/**
 * A Markdown cell; `after` is the number of the code cell that it follows, 0 at the top.
 */
export interface Prose {
  after: number;
  text: string;
}
/**
 * Every statement of a notebook and the definition → use edges between them, closed and in document order.
 */
export interface Dataflow {
  statements: Statement[];
  edges: Edge[];
}
/**
 * A top-level statement of a cell; a compound statement is one node.
 *
 * `number` is its place in `Dataflow.statements`, document order from 0. `source` is its verbatim text, from its first
 * decorator to its last character (no trailing comment). `defines` are names bound, `mutates` names whose object is
 * changed in place, `reads` names read when the statement runs, `defers` names that a function or class made here
 * reads only when it is called. A statement that mutates a name also reads it.
 */
export interface Statement {
  number: number;
  span: Span;
  source: string;
  kind: 'import' | 'function' | 'class' | 'assign' | 'expression' | 'compound' | 'delete' | 'other';
  defines: string[];
  mutates: string[];
  reads: string[];
  defers: string[];
  deletes: string[];
  effects: Effect[];
}
/**
 * What a statement does to the world or asks of it: `pd.read_csv("a.csv")` is a `file_read` of "a.csv".
 */
export interface Effect {
  kind:
    | 'display'
    | 'plot'
    | 'file_read'
    | 'file_write'
    | 'network'
    | 'random'
    | 'clock'
    | 'process'
    | 'library_state'
    | 'input'
    | 'dynamic';
  detail: string;
  span: Span;
}
/**
 * `source` defines (or changes) `name` and `target` uses that very definition; both are statement numbers.
 */
export interface Edge {
  source: number;
  target: number;
  name: string;
  kind: 'binding' | 'mutation' | 'deferred';
}
/**
 * The tagged notebook's skeleton, found without running it.
 *
 * `parts` gives each statement that any slice needs its part; statements in no slice are absent. `serving` is
 * prelude + fit_path + twin + answer, `training` is prelude + load + fit_path + training + the fit statement.
 * `raw_hint`, `request_hint`, `lookup_hint`, `target_hint` and `optional_hint` are the names that `raw=`, `request=`,
 * `lookup=`, `target=` and `optional=` gave; `dropped` and `kept` the statements of cells that say so.
 */
export interface Outline {
  raws: RawBinding[];
  model: ModelUse;
  checks: CheckUse[];
  parts: [number, 'prelude' | 'load' | 'fit_path' | 'twin' | 'answer' | 'training'][];
  serving: Slice;
  training: Slice;
  raw_hint: string | null;
  request_hint: string[];
  lookup_hint: string[];
  target_hint: string | null;
  optional_hint: string[];
  dropped: number[];
  kept: number[];
}
/**
 * A value that enters the first feature statement: `name` as it stands after `statement` ran.
 */
export interface RawBinding {
  name: string;
  statement: number;
}
/**
 * What the model tag means.
 *
 * `fitted` are the values that training leaves, in the order in which they are made; `estimator` is the one of them that
 * makes the answer. `feeds` are the predictions on rows; the first of them is told by `fit` (the statement with the
 * `.fit` call, or the one that loads the estimator), `fit_input` (the span of `fit`'s first argument), `predict` (the statement
 * with the prediction, or that makes the data set of a booster's), `predict_call` (the span of the call in it,
 * `model.predict_proba(X_test)`) and `predict_input` (of its argument). `fit_target` is the span of `fit`'s second argument
 * (None where there is none). All of `predict…` are None where the cell only fits: the answer is then
 * `estimator.predict(<fit_input>)`. `method` is the predict method. `output` is the variable that holds the answer after
 * statement `output_statement`.
 */
export interface ModelUse {
  estimator: string;
  fitted: Fitted[];
  feeds: Feed[];
  fit: number;
  fit_input: Span | null;
  fit_target: Span | null;
  method: string;
  predict: number | null;
  predict_call: Span | null;
  predict_input: Span | null;
  output: string | null;
  output_statement: number;
}
/**
 * A value that training leaves and the answer needs, as `name` holds it after `statement`.
 *
 * An estimator, a list or dict of them, a threshold or weights that were chosen by their predictions.
 */
export interface Fitted {
  name: string;
  statement: number;
}
/**
 * A prediction on rows of the notebook: where a request predicts, `fit_input` of statement `fit` stands for its argument.
 *
 * `model.fit(X_train, y_train)` and `model.predict(X_test)`: `X_test` is the argument, `X_train` stands for it. Where the fit
 * stands in a loop, `fit_input` is what the loop's fits take their rows from: `X` of `m.fit(X.iloc[rows], …)`.
 *
 * A booster takes rows in a data set of its own: `dtrain = xgb.DMatrix(X, label=y)`, then `xgb.train(params, dtrain)`. The two
 * inputs are then what the sets are made from, the two statements those that make them; `spare` are arguments of the set
 * predicted on which a request has no value for (`label=y_test`).
 */
export interface Feed {
  predict: number;
  predict_input: Span;
  fit: number;
  fit_input: Span;
  spare: Span[];
}
/**
 * A check cell: its statements, and the slice of statements outside it that its names come from.
 *
 * An `idle` one asserts nothing: it can't fail, so that it has run says nothing.
 */
export interface CheckUse {
  cell: number;
  name: string;
  serve: boolean;
  statements: number[];
  slice: Slice;
  idle: boolean;
}
/**
 * The statements that lead to `target`, in document order, with one reason each.
 */
export interface Slice {
  target: string;
  statements: number[];
  reasons: Reason[];
}
/**
 * Why a statement is in a slice, or left out of every slice, in one clause a person can read.
 */
export interface Reason {
  statement: number;
  text: string;
}
/**
 * A check cell in full.
 *
 * `own` are the statements that only checks need, each with its reason; `shared` counts the others by the slice that has them
 * anyway (`serving`, `training`). `evaluated` says whether the build can evaluate it, `asked` whether its tag has `serve=true`
 * and `request` whether it could hold for each request; where one can't, `why` and `remedy` (or `request_why`,
 * `request_remedy`) tell.
 */
export interface CheckAccount {
  cell: number;
  name: string;
  asked: boolean;
  reads: CheckRead[];
  own: Reason[];
  shared: [string, number][];
  evaluated: boolean;
  why: string;
  remedy: string;
  request: boolean;
  request_why: string;
  request_remedy: string;
}
/**
 * A name that a check cell reads: `statement` makes it last; `request` says whether a request has it too.
 */
export interface CheckRead {
  name: string;
  kind: 'answer' | 'made_of_answer' | 'feature' | 'target' | 'raw' | 'model' | 'training' | 'other' | 'definition' | 'undefined';
  statement: number | null;
  request: boolean;
}
/**
 * Cell `source` makes these names, which cell `target` reads.
 */
export interface Link {
  source: number;
  target: number;
  names: string[];
}
/**
 * Whether a cell is part of the service; a `pulled` one is though nobody tagged it.
 */
export interface CellStanding {
  cell: number;
  standing: 'served' | 'training' | 'check' | 'out';
  pulled: boolean;
}
/**
 * What a service would promise: as a run of `captured` saw it, or ("") as the source says; `note` says why.
 */
export interface Contract {
  captured: string;
  note: string;
  tables: PromisedTable[];
  features: string[];
  feature_text: string;
  state: PromisedState[];
  estimator_type: string;
  answer: PromisedAnswer;
  target: string | null;
  choices: Choice[];
}
/**
 * A raw value and what becomes of it; without a run its columns are not known, and its role is a guess.
 */
export interface PromisedTable {
  name: string;
  role: 'main' | 'child' | 'lookup';
  kind: 'frame' | 'array' | 'series' | 'list' | 'value';
  span: Span;
  columns: PromisedColumn[];
}
/**
 * A column of a request's table as a run saw it; `seen` are some of its categories, of `categories` in all.
 */
export interface PromisedColumn {
  name: string;
  kind: 'integer' | 'float' | 'boolean' | 'string' | 'datetime' | 'other';
  dtype: string;
  use: 'read' | 'unused' | 'key' | 'target';
  optional: boolean;
  low: null | boolean | number | string;
  high: null | boolean | number | string;
  categories: number;
  seen: (null | boolean | number | string)[];
}
/**
 * A value that training learns and the service remembers; `value` is short, "" before a run or where it is a table.
 */
export interface PromisedState {
  name: string;
  text: string;
  span: Span;
  value: string;
  entries: number;
}
/**
 * What is answered: a label of these, or a number, under these names where there are several.
 */
export interface PromisedAnswer {
  kind: string;
  dtype: string;
  classes: (null | boolean | number | string)[];
  names: string[];
}
/**
 * An inference that a person may overrule: `key` of the tag of a cell, what holds now, and what else it could be.
 *
 * `cell` is None where no cell has the role that the option belongs to. `given` says that the tag has it.
 */
export interface Choice {
  key: string;
  role: 'feature' | 'model' | 'check' | 'keep' | 'drop';
  kind: 'name' | 'names' | 'column' | 'columns' | 'flag';
  cell: number | null;
  value: string;
  given: boolean;
  candidates: string[];
}
/**
 * A name of the parameters cell: `default` is its expression there, at `line` of `cell`, and `kind` what a value has to be.
 *
 * `other` is a list, a dict, or what can't be known without running it. `computed` says that the cell itself computes with
 * the name, so that it can't be given.
 */
export interface OfferedParameter {
  name: string;
  default: string;
  kind: 'bool' | 'int' | 'float' | 'text' | 'other';
  cell: number;
  line: number;
  computed: boolean;
}
/**
 * A finding whose fix was made, and the fix's title.
 */
export interface MendedFinding {
  code: string;
  cell: number;
  title: string;
}
/**
 * `nb2svc suggest`: which cells to tag, and what a build would then serve.
 */
export interface SuggestionDocument {
  version: 1;
  error: null;
  findings: Finding[];
  proposal: Suggested;
  accepted: boolean;
  serves: Serves | null;
  refusals: Finding[];
}
/**
 * The cells to tag; `instead` are second choices, `tagged` have a role already, `nothing` says why there is none.
 */
export interface Suggested {
  cells: SuggestedCell[];
  instead: SuggestedCell[];
  tagged: number[];
  nothing: string;
}
/**
 * A cell to tag. `line` is its first line that does something, `directive` what its tag would say.
 */
export interface SuggestedCell {
  cell: number;
  id: string;
  role: 'feature' | 'model' | 'check';
  name: string | null;
  options: {
    [k: string]: string;
  };
  confidence: number;
  words: 'sure' | 'likely' | 'a guess';
  reason: string;
  line: string;
  directive: string;
}
/**
 * What would be served with the tags proposed, in words.
 */
export interface Serves {
  request: string;
  features: string;
  model: string;
  answer: string;
  checks?: string;
}
/**
 * `nb2svc show`: the modules as they would be. `notebook` is a file name, `package` the project's import name.
 */
export interface ShownDocument {
  version: 1;
  error: null;
  findings: Finding[];
  notebook: string;
  package: string;
  basis: Basis;
  modules: ShownModule[];
}
/**
 * What modules were made from: the source alone (`draft`), or the newest capture (`capture`).
 *
 * `capture` and `captured` are its digest and the time of its run (ISO 8601, UTC), `parameters` what that was given with `-p`;
 * `changed` are the cells that were edited since and make no difference to these modules. `note` says why a capture was not
 * taken, or "".
 */
export interface Basis {
  kind: 'draft' | 'capture';
  capture: string;
  captured: string;
  parameters: [string, string][];
  changed: number[];
  note: string;
}
/**
 * One module: `path` in the project, `lines` its author's lines, `marks` what a draft could not know in it.
 */
export interface ShownModule {
  name: string;
  path: string;
  text: string;
  lines: LineOrigin[];
  marks: Mark[];
}
/**
 * Where a generated line came from: file, line (from 1), and the notebook's cell, line and statement number.
 */
export interface LineOrigin {
  file: string;
  line: number;
  cell: number;
  cell_line: number;
  statement: number;
}
/**
 * A comment of a draft in a module: its own line, the first and last line that it speaks of, and where they came from.
 *
 * `file` is the module's file; `cell` and `cell_line` are None for lines that are not the author's.
 */
export interface Mark {
  file: string;
  kind: 'state' | 'aligned' | 'selection' | 'training' | 'tables' | 'types' | 'columns';
  text: string;
  line: number;
  first: number;
  last: number;
  cell: number | null;
  cell_line: number | null;
}
/**
 * `nb2svc build`: what was written, what ran and what was reused, the proof, the checklist.
 *
 * `cells` are the ids of the code cells by number, as they were when the build began.
 */
export interface BuildDocument {
  version: 1;
  error: null;
  findings: Finding[];
  output: string;
  package: string;
  bento: string;
  capture: string;
  edited: string[];
  taken_over: TakenOverFile[];
  given_back: KeptFile[];
  merged: KeptFile[];
  restored: string[];
  cells: {
    [k: string]: string;
  };
  stages: StageRun[];
  frozen: string[];
  summary: SummaryBlock[];
  passed: boolean;
  verdict: Verdict;
  readiness: Checklist;
}
/**
 * A generated file that a person edited: `diff` is the edit, `news` what the compiler changed since.
 */
export interface TakenOverFile {
  path: string;
  edited: string;
  added: number;
  removed: number;
  diff: string;
  moved: boolean;
  news: string | null;
}
/**
 * A file that was replaced, and where its last text is kept.
 */
export interface KeptFile {
  path: string;
  kept: string;
}
/**
 * One stage of a build: `made` is when its result was made (ISO 8601, UTC), `reused` that an earlier build made it.
 *
 * `why` says in one clause why it ran although there had been an earlier result ("data.csv changed"), or what to know of a
 * reused one; "" where there is nothing to say.
 */
export interface StageRun {
  stage: 'capture' | 'checks read' | 'observation' | 'packing' | 'proof' | 'retraining' | 'checks' | 'bento' | 'readiness';
  reused: boolean;
  made: string;
  why: string;
}
/**
 * Lines that a build says at its end, under one label.
 */
export interface SummaryBlock {
  label: string;
  lines: string[];
}
/**
 * The proof of one build. `passed` only where no mode failed and at least one oracle mode passed.
 */
export interface Verdict {
  modes: Mode[];
  knife_edges: KnifeEdge[];
  prepared_otherwise: number;
  prepared_cell: number | null;
  divergence: Divergence | null;
}
/**
 * One way of replaying: `compared` of `total` rows were compared, `different` differed.
 *
 * Status is `not_evaluated` where nothing was compared, with the reason in `note`.
 */
export interface Mode {
  name: string;
  status: 'pass' | 'fail' | 'warn' | 'not_evaluated';
  compared: number;
  total: number;
  different: number;
  differences: Difference[];
  note: string;
}
/**
 * One value that differs: main row ordinal, column or output name, what the notebook had, what the service gave.
 */
export interface Difference {
  row: number;
  column: string;
  expected: string;
  actual: string;
}
/**
 * A row whose inputs agree within tolerance while its answer does not: column and threshold that it sits on.
 */
export interface KnifeEdge {
  row: number;
  column: string;
  threshold: number;
  expected: string;
  actual: string;
}
/**
 * The first statement and column where service and notebook part, found by bisecting a failure.
 */
export interface Divergence {
  span: Span;
  statement: number;
  column: string;
  text: string;
}
/**
 * All items in the order of the seven steps; `service` is the project's name, `notebook` the notebook's file name.
 *
 * `metrics` are the numbers that the notebook's checks read or made, so that two builds can be compared by them.
 * `by_hand` are the generated files that a person edited: the project was judged with them.
 */
export interface Checklist {
  items: ItemResult[];
  service: string;
  notebook: string;
  metrics: [string, number][];
  by_hand: string[];
}
/**
 * One line of the checklist.
 *
 * `sentence` says in plain words what was seen, numbers included; `next_action` the one thing to do (empty on a pass).
 */
export interface ItemResult {
  id: string;
  step: number;
  title: string;
  severity: 'blocker' | 'warning' | 'info';
  status: 'pass' | 'fail' | 'warn' | 'not_evaluated' | 'not_applicable' | 'attested' | 'waived' | 'stale' | 'expired' | 'broken';
  sentence: string;
  next_action: string;
  why: string;
  maps: string;
  evidence: Evidence | null;
}
/**
 * The file, figure or command that proves an item; `subjects` are digests it is bound to (name, sha256).
 *
 * `files` can be opened: each path, as seen from the notebook's folder, with its SHA-256.
 */
export interface Evidence {
  summary: string;
  details: [string, string][];
  command: string;
  subjects: [string, string][];
  control: Control | null;
  files: [string, string][];
}
/**
 * A negative control: the same check with bad input; `fired` says whether it caught it.
 */
export interface Control {
  description: string;
  fired: boolean;
  detail: string;
}
/**
 * `nb2svc test`: the tests of a built project.
 */
export interface TestDocument {
  version: 1;
  error: null;
  findings: Finding[];
  project: string;
  status: 'pass' | 'fail' | 'not_evaluated';
  tests: TestCase[];
}
/**
 * One test: `reason` says why it failed or could not look.
 */
export interface TestCase {
  name: string;
  status: 'pass' | 'fail' | 'not_evaluated';
  reason: string;
}
/**
 * `nb2svc ready`: the checklist as it stands now. `cells` are the ids of the code cells of a notebook as it was built.
 */
export interface ReadyDocument {
  version: 1;
  error: null;
  findings: Finding[];
  project: string;
  gate: GateState | null;
  notebook: string | null;
  as_built: boolean;
  capture: string | null;
  cells: {
    [k: string]: string;
  };
  files: EvidenceFile[];
  edited: string[];
  unchecked: string[];
  notes: string[];
  readiness: ReadinessFile;
}
/**
 * Whether a gate is open, and the items that stop it.
 */
export interface GateState {
  name: 'build' | 'release';
  open: boolean;
  blocking: string[];
}
/**
 * Evidence that can be opened: how the checklist calls it, and where it lies.
 */
export interface EvidenceFile {
  path: string;
  place: string;
}
/**
 * readiness.json: `gates` are the items that stop each, `counts` how many have each status.
 */
export interface ReadinessFile {
  version: 1;
  service: string;
  notebook: string;
  metrics: {
    [k: string]: number;
  };
  by_hand: string[];
  gates: {
    [k: string]: string[];
  };
  counts: {
    [k: string]: number;
  };
  next_actions: NextAction[];
  steps: ChecklistStep[];
}
/**
 * What to do next, and the item that it is for.
 */
export interface NextAction {
  id: string;
  action: string;
}
/**
 * One of the seven steps, with its items.
 */
export interface ChecklistStep {
  number: number;
  name: string;
  items: ItemResult[];
}
/**
 * What a Jupyter server says of the projects that were built from a notebook, the newest first.
 */
export interface ReadinessDocument {
  version: 1;
  error: null;
  findings: Finding[];
  notebook: string;
  projects: ReadyDocument[];
  damaged: DamagedProject[];
}
/**
 * A project whose checklist can't be read, and why.
 */
export interface DamagedProject {
  project: string;
  error: Problem;
}
/**
 * Why a command stopped: what, where, why, and what to do; the place in the notebook where one is to blame; its exit code.
 */
export interface Problem {
  what: string;
  where: string;
  why: string;
  fix: string;
  details: string;
  span: Span | null;
  exit_code: number;
}
/**
 * `nb2svc validate`: many runs of a notebook; `output` is the folder that holds them.
 *
 * `cells` are the ids of the code cells by number, as they were when it began.
 */
export interface ValidationDocument {
  version: 1;
  error: null;
  findings: Finding[];
  output: string;
  cells: {
    [k: string]: string;
  };
  validation: Validation;
}
/**
 * All runs of one command, in the order of their specs, whether made now or before.
 *
 * `notebook` is its path as given, `notebook_digest` that of what a person wrote in it. `defaults` are the parameters
 * cell's own values. `segments` are the columns that runs were divided by. `interrupted` says that a person ended it: some runs
 * are then `not_run`. `judgement` is what they say together.
 * `notes` are what else a person should know: which workers were refused.
 */
export interface Validation {
  notebook: string;
  notebook_digest: string;
  runs: RunResult[];
  defaults: Parameter[];
  segments: string[];
  began: string;
  seconds: number;
  nb2svc: string;
  interrupted: boolean;
  format: number;
  judgement: Judgement | null;
  notes: string[];
}
/**
 * What one run said and cost. `reused` says that an earlier command made it, `attempts` how often it was tried.
 *
 * `service` is what the built service said of it, None where nobody asked; it is no part of `seconds` and `cpu_seconds`.
 *
 * `seconds` are of the clock, `cpu_seconds` of the kernel and all that it started, `memory` is the kernel's peak in bytes;
 * both are None where nobody could look. `folder` holds the run's notebook and log, as seen from the validation's folder. Where
 * `segments` were asked for, checks and metrics of each follow those of all rows. `inputs` are the files that it read.
 * `path_note` says why it did not come by a faster path.
 * `worker` is the one of a cluster that made it, "" for this machine. `rewritten` are files that it wrote and read while others
 * were made in the same folder, which may have changed them.
 */
export interface RunResult {
  key: string;
  spec: RunSpec;
  status: 'ok' | 'failed' | 'error' | 'timeout' | 'died' | 'not_run';
  seconds: number;
  cpu_seconds: number | null;
  memory: number | null;
  path: 'plain' | 'fork' | 'reuse';
  checks: CheckOutcome[];
  metrics: MetricValue[];
  failure: Failure | null;
  versions: [string, string][];
  python: string;
  folder: string;
  began: string;
  attempts: number;
  reused: boolean;
  inputs: InputFile[];
  segments: BySegment | null;
  path_note: string;
  worker: string;
  service: ServiceOutcome | null;
  rewritten: string[];
}
/**
 * One run to make. `key` is the digest of all that can be known before it runs; equal keys are the same run.
 *
 * `parameters` are the values that differ from the parameters cell, by name. `case` is the name of a case of the matrix, or "".
 * `seed` is the value of the parameter that seeds the notebook, where it has one. `repeat` counts from 1. `segment` is "" for a
 * run of the notebook; `region=north` for its checks and metrics on that part of the held-out rows.
 */
export interface RunSpec {
  key: string;
  parameters: Parameter[];
  case: string;
  seed: string;
  segment: string;
  repeat: number;
}
/**
 * One value of the parameters cell: `value` is a Python expression; of a secret it is "", and `secret` says where it is from.
 *
 * rate=0.5                → Parameter(name="rate", value="0.5")
 * token=env:API_TOKEN     → Parameter(name="token", value="", secret="API_TOKEN")
 */
export interface Parameter {
  name: string;
  value: string;
  secret: string;
}
/**
 * What a check cell said in a run. `values` are the pairs that its failed assertion compared: ("auc", "0.71").
 *
 * `line` is the line of the assertion or of the error in the cell, 0 where there is none. `segment` is the part of the held-out
 * rows that it was evaluated on, "" for all; `message` then says also why it could not be.
 */
export interface CheckOutcome {
  name: string;
  cell: number;
  outcome: 'pass' | 'fail' | 'error' | 'not_reached';
  message: string;
  line: number;
  values: [string, string][];
  segment: string;
}
/**
 * A number that a run told: `value` is None where it was no finite one, and `special` says which.
 *
 * `note` says why a segment has no number.
 */
export interface MetricValue {
  name: string;
  value: number | null;
  special: '' | 'nan' | 'inf' | '-inf';
  segment: string;
  note: string;
}
/**
 * Why a run did not come to its end: the parts of an error, and the cell and line (0: unknown).
 */
export interface Failure {
  what: string;
  cell: number;
  line: number;
  where: string;
  why: string;
  fix: string;
  details: string;
}
/**
 * A file that the run read: path as opened, its SHA-256 and size in bytes.
 */
export interface InputFile {
  path: string;
  sha256: string;
  size: number;
}
/**
 * The segments of a run; `problem` says why it has none.
 *
 * `found` tells where each column was found: ("region", "loans, by index label"). `untouched` are the checks that read no
 * held-out row, so that they say the same of each segment.
 */
export interface BySegment {
  rows: SegmentRows[];
  found: [string, string][];
  untouched: string[];
  problem: Failure | null;
}
/**
 * A part of a run's held-out rows, `region=north`, and how many they are.
 */
export interface SegmentRows {
  segment: string;
  rows: number;
}
/**
 * What the built service said of a run's rows, trained again by its own `training.py` with the run's parameters.
 *
 * `status` is `pass` only where it gave what the notebook gave in this run, `not_evaluated` where that can't be told, with the
 * `reason`. Of `compared` rows `identical` had the notebook's model inputs and answers; `modes` tells them by the way of asking.
 * `divergence` is the first statement and column where both part. `checks` are the generated checks on the service's answers.
 * `project` is the built project's folder, `digest` that of its files. `failure` says why training or asking it did not end.
 */
export interface ServiceOutcome {
  status: 'pass' | 'fail' | 'warn' | 'not_evaluated';
  project: string;
  digest: string;
  compared: number;
  identical: number;
  modes: Mode[];
  divergence: Divergence | null;
  checks: CheckOutcome[];
  reason: string;
  failure: Failure | null;
  seconds: number;
}
/**
 * The verdict and what it stands on; `reasons` are told where it is not `pass`. `open` is: it can't be told.
 */
export interface Judgement {
  outcome: 'pass' | 'warn' | 'fail' | 'open';
  reasons: string[];
  checks: JudgedCheck[];
  metrics: JudgedMetric[];
  criteria: Criteria;
  baseline: Baseline | null;
  comparisons: Comparison[];
  confidence: number;
  segments: JudgedSegment[];
  worst: WorstSegment[];
  gate: Gated | null;
}
/**
 * A check and the share of runs that it does not pass in, as sure as its `sample` (`8 seeds`) makes it; "" of one run.
 *
 * `flaky` says that it passes in some runs only where nothing but the seed or the repeat differs; `depends` is what it goes by
 * where it does not: `fails at threshold ≥ 0.7, on all 8 seeds`.
 */
export interface JudgedCheck {
  count: CheckCount;
  failing: Interval | null;
  flaky: boolean;
  depends: string;
  sample: string;
}
/**
 * One check over all runs that came to an end of any kind; of a `segment`, over those that have it.
 */
export interface CheckCount {
  name: string;
  cell: number;
  passed: number;
  failed: number;
  errors: number;
  not_reached: number;
  segment: string;
}
/**
 * Where the true value lies, in 95 of 100 such validations.
 */
export interface Interval {
  low: number;
  high: number;
}
/**
 * A metric, where its mean lies, and what moves it; `shares_note` says why no shares are told.
 *
 * `interval_note` says what is to be known of its interval: that it was cut where no such metric can lie, or is of runs
 * that no seed tells apart.
 */
export interface JudgedMetric {
  summary: MetricSummary;
  interval: Interval | null;
  parameters: ParameterEffect[];
  shares_note: string;
  interval_note: string;
}
/**
 * One metric over the runs that told it: `spread` is the standard deviation of the sample, None of fewer than two.
 *
 * `special` counts values that were no finite numbers, `missing` the runs that did not tell it.
 */
export interface MetricSummary {
  name: string;
  segment: string;
  count: number;
  mean: number | null;
  spread: number | null;
  low: number | null;
  high: number | null;
  special: number;
  missing: number;
}
/**
 * A metric by a parameter: `share` of its variance, None where that can't be told.
 */
export interface ParameterEffect {
  parameter: string;
  share: number | null;
  levels: LevelMean[];
}
/**
 * A metric over the runs with one value of a parameter, which is shown as a person gave it.
 */
export interface LevelMean {
  value: string;
  count: number;
  mean: number | null;
  interval: Interval | null;
}
/**
 * What a person declared before the runs: how much worse a metric may be, and which direction is better.
 *
 * `places` are the cells whose tags declare a metric's margin; of one that is not there the command line does.
 */
export interface Criteria {
  margins: [string, number][];
  lower: string[];
  higher: string[];
  places: [string, string][];
}
/**
 * The validation that was compared with: where it was read, and of which notebook it is.
 */
export interface Baseline {
  source: string;
  notebook: string;
  notebook_digest: string;
  began: string;
  runs: number;
}
/**
 * A metric now and in the baseline.
 *
 * `worse_by` is how much worse it may be at most, with 95 % confidence; below 0 it is better. `count` and `baseline_count` are
 * the runs that were compared: equal where they are `paired`, set by set. `margin` is what it may be worse by; one that nobody
 * `declared` can only warn; `declared_in` is the cell whose tag did, "" where the command line did.
 */
export interface Comparison {
  metric: string;
  segment: string;
  better: 'higher' | 'lower' | 'unknown';
  paired: boolean;
  count: number;
  baseline_count: number;
  mean: number | null;
  baseline_mean: number | null;
  difference: number | null;
  worse_by: number | null;
  margin: number;
  declared: boolean;
  outcome: 'no_worse' | 'worse' | 'open';
  reason: string;
  declared_in: string;
}
/**
 * A part of the held-out rows: in how many `runs` it is, and with how many rows at least and at most.
 */
export interface JudgedSegment {
  segment: string;
  runs: number;
  fewest: number;
  most: number;
}
/**
 * The segment in which a metric is worst, with its mean there, and `whole`, its mean on all held-out rows.
 *
 * Means are compared over the same runs: the `runs` of `of` in which each segment has a number; where there is none, nothing is
 * compared. `segment` is "" where nobody knows which direction is better: then only the `lowest` and the `highest` are told.
 */
export interface WorstSegment {
  metric: string;
  better: 'higher' | 'lower' | 'unknown';
  segment: string;
  mean: number | null;
  interval: Interval | null;
  whole: number | null;
  lowest: string;
  highest: string;
  runs: number;
  of: number;
}
/**
 * This validation, the challenger, against that of the model in service, the champion: by declared margins only.
 *
 * `name` is what the model in service is called. A comparison without a declared margin only warns. `other_data` says how the
 * files that both read differ, `data_stated` that a person let them. `parameters` are those that all runs of each set otherwise.
 */
export interface Gated {
  name: string;
  champion: Baseline;
  comparisons: Comparison[];
  outcome: 'pass' | 'warn' | 'fail' | 'open';
  reasons: string[];
  other_data: string[];
  data_stated: boolean;
  parameters: string[];
}
/**
 * What a Jupyter server says of the last validation of a notebook; `validation` is null where there was none.
 */
export interface LastValidationDocument {
  version: 1;
  error: null;
  findings: Finding[];
  output: string;
  cells: {
    [k: string]: string;
  };
  validation: Validation | null;
}
/**
 * What a Jupyter server says of a validation before it is begun: how many runs it would make; null where nobody knows.
 *
 * `wrong` says why, unless the file of cases is one that only the command can read. `offered` is what may be chosen from.
 */
export interface PlannedRunsDocument {
  version: 1;
  error: null;
  findings: Finding[];
  runs: number | null;
  wrong: WrongField[];
  last: LastValidation | null;
  offered: Offered;
}
/**
 * What is wrong with one field of a form: `parameters.rate`, `grid.seed`, `timeout`, or with all together ("").
 */
export interface WrongField {
  field: string;
  problem: Problem;
}
/**
 * The validation that `--baseline last` is: when it began, how many runs it has, and the metrics that they told.
 */
export interface LastValidation {
  began: string;
  runs: number;
  metrics: string[];
}
/**
 * What a form may name, near the notebook, as Jupyter calls it: files that may hold cases, validations, projects.
 */
export interface Offered {
  matrices: string[];
  validations: string[];
  projects: OfferedProject[];
}
/**
 * A project that was built from the notebook; `current` says that it was from the notebook as it is.
 */
export interface OfferedProject {
  path: string;
  current: boolean;
}
/**
 * `nb2svc rows`: a page of the captured rows. `replayed`: all were compared, so that those that differ are marked.
 */
export interface RowsDocument {
  version: 1;
  error: null;
  findings: Finding[];
  notebook: string;
  project: string;
  capture: string;
  cells: {
    [k: string]: string;
  };
  cell_ids: {
    [k: string]: string;
  };
  prepared_cell: number | null;
  proof: FailedProof | null;
  note: string;
  total: number;
  matching: number;
  offset: number;
  rows: ListedRow[];
  fields: RequestField[];
  replayed: boolean;
  seconds: number;
}
/**
 * Where the proof of the last build failed, and a row in which it can be seen.
 */
export interface FailedProof {
  divergence: Divergence | null;
  row: number | null;
  differences: Difference[];
}
/**
 * A captured row: what a request would carry, what the notebook did with it and answered, and why it is worth a look.
 */
export interface ListedRow {
  row: number;
  values: {
    [k: string]: unknown;
  };
  standing: 'predicted' | 'fitted' | 'otherwise' | 'dropped' | 'unused';
  notable: string[];
  notebook: unknown;
}
/**
 * A field of a request, for a form; of a child table with `fields` of its own.
 */
export interface RequestField {
  name: string;
  kind: 'integer' | 'number' | 'boolean' | 'string' | 'datetime' | 'any' | 'table';
  nullable: boolean;
  values: unknown[];
  low: unknown;
  high: unknown;
  shape: number[];
  fields: RequestField[];
}
/**
 * `nb2svc rows --row N`: what becomes of a row. `judged`: it is the captured one, so that both sides must be equal.
 *
 * `aside`: the service does not answer it; the steps are what its code would make of it.
 */
export interface RowDocument {
  version: 1;
  error: null;
  findings: Finding[];
  notebook: string;
  project: string;
  capture: string;
  cells: {
    [k: string]: string;
  };
  cell_ids: {
    [k: string]: string;
  };
  prepared_cell: number | null;
  proof: FailedProof | null;
  note: string;
  row: number | null;
  nearest: NearestRow | null;
  request: {
    [k: string]: unknown;
  };
  standing: 'predicted' | 'fitted' | 'otherwise' | 'dropped' | 'unused';
  dropped: string;
  result: RowResult;
  aside: boolean;
  steps: RowStep[];
  inputs: ModelInputs;
  answer: SidedAnswer;
  checks: RowCheck[];
  judged: boolean;
  parting: Parting | null;
  seconds: number;
}
/**
 * The captured row that an edited one is shown beside.
 */
export interface NearestRow {
  row: number;
  distance: number;
  differs: FieldDifference[];
  request: {
    [k: string]: unknown;
  };
}
/**
 * A field in which an edited row differs from the captured one that it is shown beside.
 */
export interface FieldDifference {
  field: string;
  captured: unknown;
  here: unknown;
}
/**
 * The service's answer to the row, as over HTTP.
 */
export interface RowResult {
  status: 'ok' | 'refer' | 'invalid';
  prediction: unknown;
  probability?: {
    [k: string]: number;
  } | null;
  issues: RowIssue[];
}
/**
 * What the service says of a row.
 */
export interface RowIssue {
  field: string;
  code: string;
  message: string;
}
/**
 * A statement with what it made or changed; `as_before` counts what it left, `raised` what stopped it.
 */
export interface RowStep {
  statement: number;
  cell: number;
  line: number;
  text: string;
  file: string;
  at: number;
  values: SidedValue[];
  more: number;
  as_before: number;
  raised: string;
}
/**
 * A value of both sides; a side that has none is left out. `equal` is null where both need not be equal.
 */
export interface SidedValue {
  name: string;
  column: string;
  notebook?: unknown;
  service?: unknown;
  equal: boolean | null;
  changed: boolean;
}
/**
 * What the model receives.
 */
export interface ModelInputs {
  values: SidedValue[];
  more: number;
}
/**
 * The answer. `source` says whose the notebook's is: its prediction, or its model asked with its own inputs.
 */
export interface SidedAnswer {
  values: SidedValue[];
  source: '' | 'notebook' | 'model';
  knife_edge: boolean;
}
/**
 * A filter or a check that a request must hold; null where it was not reached.
 */
export interface RowCheck {
  name: string;
  where: string;
  holds: boolean | null;
}
/**
 * Where both part first: a statement, or (null) the model's input or the answer.
 */
export interface Parting {
  statement: number | null;
  name: string;
  column: string;
}
/**
 * `nb2svc diff`: what changed between two builds, and which gates that closes.
 */
export interface DiffDocument {
  version: 1;
  error: null;
  findings: Finding[];
  difference: BuildDifference;
  gates: ClosedGate[];
}
/**
 * All that differs. `code_same` are functions that did not change.
 *
 * `unknown` are groups of facts that one side does not have (`checks`, `readiness`), and `notes` say what could not be looked
 * at, and why.
 */
export interface BuildDifference {
  old: Side;
  new: Side;
  same_files: boolean;
  request: RequestChange[];
  state: StateChange[];
  state_same: number;
  code: CodeChange[];
  code_same: string[];
  model: FactChange[];
  readiness: FactChange[];
  predictions: Predictions;
  request_problem: string;
  unknown: string[];
  notes: string[];
}
/**
 * One side of a comparison, by name.
 */
export interface Side {
  label: string;
  package: string;
  notebook: string;
  version: string;
}
/**
 * A change of what is sent or answered. `rule` names the line of the table that found it; `do` is what a caller has to do.
 *
 * `breaking`: a row that was valid is now invalid, or a part of the answer is gone or of another type. `stricter`: a row that
 * was answered is now referred. `compatible`: neither.
 */
export interface RequestChange {
  rule: string;
  level: 'breaking' | 'stricter' | 'compatible';
  where: string;
  what: string;
  do: string;
}
/**
 * A learned value, lookup table or fitted value that is another now; `details` are its parts, the largest change first.
 */
export interface StateChange {
  name: string;
  role: string;
  what: string;
  details: string[];
}
/**
 * A function (or what stands outside of functions) of a module; cells are the notebook's, old and new.
 */
export interface CodeChange {
  module: string;
  name: string;
  status: 'changed' | 'added' | 'removed' | 'comments' | 'moved';
  old_cells: number[];
  new_cells: number[];
  diff: string[];
  edited: boolean;
}
/**
 * Something about the build that changed; "" where there was, or is, none.
 */
export interface FactChange {
  group: string;
  name: string;
  old: string;
  new: string;
}
/**
 * The answers of both builds for the rows of one capture.
 *
 * `not_evaluated` where nothing was compared (`note` says why): never a sign that nothing changed. `same` and `changed`
 * count rows; `statuses` are the rows that another status has now, `labels` those with another label, `reasons` the issues
 * of rows that were answered and are no longer, or the other way round. `as_before` counts, by status, what the new build says
 * of rows with the fields that the old one asks for, where the request changed.
 */
export interface Predictions {
  status: 'compared' | 'not_evaluated';
  note: string;
  capture: string;
  rows: number;
  total: number;
  same: number;
  changed: number;
  statuses: Count[];
  labels: Count[];
  reasons: Count[];
  numbers: Spread[];
  probabilities: Spread[];
  probability_lost: number;
  probability_gained: number;
  inputs_added: string[];
  inputs_removed: string[];
  inputs_changed: Count[];
  inputs_compared: number;
  largest: RowDifference[];
  as_before: Count[];
  as_before_reasons: Count[];
  notes: string[];
}
/**
 * How many rows something holds for: ("Low risk → High risk", 12).
 */
export interface Count {
  name: string;
  rows: number;
}
/**
 * How numbers that were answered twice differ: `bins` count rows by the size of the difference.
 */
export interface Spread {
  name: string;
  compared: number;
  changed: number;
  largest: number;
  mean: number;
  old_mean: number;
  new_mean: number;
  bins: Count[];
}
/**
 * One row whose answer changed: its ordinal in the captured main table, both answers, and the model inputs that differ.
 *
 * `values` are those inputs' old and new values as JSON texts; empty unless a person asked to see them.
 */
export interface RowDifference {
  row: number;
  old: string;
  new: string;
  size: number;
  inputs: string[];
  values: [string, string, string][];
}
/**
 * A change that was to be stopped for (`--fail-on`), and why it is one.
 */
export interface ClosedGate {
  gate: 'breaking' | 'stricter' | 'predictions' | 'any';
  why: string;
}
/**
 * `nb2svc trace`: how many lines and tracebacks the log has, and those that came through the notebook's code.
 */
export interface TraceDocument {
  version: 1;
  error: null;
  findings: Finding[];
  lines: number;
  tracebacks: number;
  failures: TracedFailure[];
}
/**
 * What failed alike in a log: the exception, how often and when, the author's line, and the generated one.
 *
 * `stale` says why the line may be another one, "" where it is the one that ran. `first` and `last` are "" where the log has no
 * times.
 */
export interface TracedFailure {
  exception: string;
  count: number;
  first: string;
  last: string;
  notebook: string;
  cell: number;
  title: string;
  line: number;
  text: string;
  file: string;
  file_line: number;
  stale: string;
}
/**
 * `nb2svc explain`: pages of findings and items of the checklist, in the order asked.
 */
export interface ExplainDocument {
  version: 1;
  error: null;
  findings: Finding[];
  pages: FindingPage[];
  items: ChecklistItem[];
}
/**
 * What a finding is, why it is one, and what to do; the cells are code of a notebook, "" where it is told in words.
 */
export interface FindingPage {
  code: string;
  severity: string;
  title: string;
  finds: string;
  why: string;
  example: string;
  fix: string;
  quick: string;
  related: string[];
  stage: 'read' | 'analyze' | 'run' | 'pack';
  example_cells: string;
  mended_cells: string;
}
/**
 * An item of the readiness checklist before anything was looked at; `evaluated` says whether a build does.
 */
export interface ChecklistItem {
  id: string;
  title: string;
  severity: 'blocker' | 'warning' | 'info';
  why: string;
  proof: string;
  next_action: string;
  effort: 1 | 2 | 3;
  maps: string;
  attested_by: string;
  rises: boolean;
  step: number;
  evaluated: boolean;
}
/**
 * A command that waits, runs or has ended. `position` is its place among those that wait, 0 where it does not.
 *
 * `path` is how Jupyter calls what it is about, `options` what was asked for. `document` is what the command said with
 * `--format json`; null before its end, and in lists.
 */
export interface JobFacts {
  id: string;
  command: string;
  path: string;
  options: {
    [k: string]: unknown;
  };
  command_line: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  position: number;
  exit_code: number | null;
  created: string;
  started: string | null;
  ended: string | null;
  seconds: number;
  document: {
    [k: string]: unknown;
  } | null;
}
/**
 * The jobs about a path, or all of them; the newest first.
 */
export interface JobsDocument {
  jobs: JobFacts[];
}
/**
 * A job with what it told since an event; `last` is the number of the newest, `dropped` how many are kept no more.
 */
export interface JobDocument {
  id: string;
  command: string;
  path: string;
  options: {
    [k: string]: unknown;
  };
  command_line: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  position: number;
  exit_code: number | null;
  created: string;
  started: string | null;
  ended: string | null;
  seconds: number;
  document: {
    [k: string]: unknown;
  } | null;
  events: JobEvent[];
  last: number;
  dropped: number;
}
/**
 * What a job told, the `n`-th: progress in a `stage`, an `output`, or another `state`; `seconds` after it began.
 */
export interface JobEvent {
  n: number;
  seconds: number;
  stage?: string;
  text?: string;
  cell?: number;
  done?: number;
  total?: number;
  output?: string;
  run?: RunTold;
  left?: number;
  state?: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
}
/**
 * One run of a validation as it is told: that it runs, at a cell of its `cells`, or how it ended.
 *
 * `number` is its place in the order of the runs, from 1. `values` are the parameters that tell it from the others, `label` is
 * the same in a line. `failed` are the checks that did not pass, of `checks`, or in a segment. The details of a failure, and
 * whatever else a run said, stand in `validation.json`.
 */
export interface RunTold {
  key: string;
  number: number;
  label: string;
  status: 'running' | 'ok' | 'failed' | 'error' | 'timeout' | 'died' | 'not_run';
  values: [string, string][];
  cells: number;
  seconds: number;
  path: 'plain' | 'fork' | 'reuse';
  path_note: string;
  reused: boolean;
  checks: number;
  failed: CheckOutcome[];
  metrics: MetricValue[];
  failure: Failure | null;
}
/**
 * Any command that stopped. A build that failed its proof has the `verdict`; an untagged notebook what `suggest` says.
 *
 * `cells` are the ids of the code cells by number, where the notebook could be read.
 */
export interface ErrorDocument {
  version: 1;
  findings: Finding[];
  error: Problem;
  cells?: {
    [k: string]: string;
  };
  verdict?: Verdict;
  proposal?: Suggested;
  accepted?: boolean;
  serves?: Serves | null;
  refusals?: Finding[];
}
