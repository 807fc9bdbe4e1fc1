/** What `nb2svc analyze|suggest --format json` says: the parts that the panel reads. */

import type { Role } from './directive';
import type { CellIds } from './places';
import type { Offered, OfferedParameter, Validation, WrongField } from './schema';

export type Severity = 'refusal' | 'warning' | 'info';

export interface ISpan {
  readonly cell: number;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
}

export interface IFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly span: ISpan | null;
  readonly fixes: readonly IFix[];
}

/** A piece of a code cell's source is replaced. */
export interface IEdit extends ISpan {
  readonly text: string;
}

/** What changes in the metadata of the cell with an id: `settings` is a JSON merge patch of `metadata.nb2svc`, or "". */
export interface IRetag {
  readonly cell: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly settings: string;
}

/** One way to cure a finding by edits; a `choice` is for a person to make. */
export interface IFix {
  readonly title: string;
  readonly edits: readonly IEdit[];
  readonly metadata: readonly IRetag[];
  readonly choice: boolean;
}

/** What a finding is, why it is one, and what to do: the answer to `explain`. */
export interface IPage {
  readonly code: string;
  readonly title: string;
  readonly finds: string;
  readonly why: string;
  readonly example: string;
  readonly fix: string;
  readonly quick: string;
}

export interface IProblem {
  readonly what: string;
  readonly where: string;
  readonly why: string;
  readonly fix: string;
}

export interface ICell {
  readonly number: number;
  readonly id: string;
  readonly label: string;
  readonly source: string;
  readonly directive: { readonly role: Role | 'keep' | 'drop'; readonly name: string | null } | null;
  readonly parameters: boolean;
}

export interface IStatement {
  readonly number: number;
  readonly span: ISpan;
  readonly source: string;
}

export interface IReason {
  readonly statement: number;
  readonly text: string;
}

export interface IOutline {
  readonly raws: readonly { readonly name: string; readonly statement: number }[];
  readonly model: {
    readonly estimator: string;
    readonly fit: number;
    readonly method: string;
    readonly output: string | null;
    readonly output_statement: number;
  };
  readonly checks: readonly { readonly cell: number; readonly name: string; readonly serve: boolean }[];
  readonly serving: { readonly statements: readonly number[]; readonly reasons: readonly IReason[] };
  readonly training: { readonly statements: readonly number[]; readonly reasons: readonly IReason[] };
}

export interface IPromisedColumn {
  readonly name: string;
  readonly kind: string;
  readonly dtype: string;
  readonly use: 'read' | 'unused' | 'key' | 'target';
  readonly optional: boolean;
  readonly low: Scalar;
  readonly high: Scalar;
  readonly categories: number;
  readonly seen: readonly Scalar[];
}

export type Scalar = string | number | boolean | null;

export interface IPromisedTable {
  readonly name: string;
  readonly role: 'main' | 'child' | 'lookup';
  readonly kind: string;
  readonly span: ISpan;
  readonly columns: readonly IPromisedColumn[];
}

export interface IPromisedState {
  readonly name: string;
  readonly text: string;
  readonly span: ISpan;
  readonly value: string;
  readonly entries: number;
}

/** An inference that a person may overrule; `cell` has the tag that its option belongs to. */
export interface IChoice {
  readonly key: string;
  readonly role: Role;
  readonly kind: 'name' | 'names' | 'column' | 'columns' | 'flag';
  readonly cell: number | null;
  readonly value: string;
  readonly given: boolean;
  readonly candidates: readonly string[];
}

/** What the service would promise: as a run saw it that was `captured` then, or ("") as the source says. */
export interface IPromise {
  readonly captured: string;
  readonly note: string;
  readonly tables: readonly IPromisedTable[];
  readonly features: readonly string[];
  readonly feature_text: string;
  readonly state: readonly IPromisedState[];
  readonly estimator_type: string;
  readonly answer: {
    readonly kind: string;
    readonly dtype: string;
    readonly classes: readonly Scalar[];
    readonly names: readonly string[];
  };
  readonly target: string | null;
  readonly choices: readonly IChoice[];
}

/** Cell `source` makes these names, which cell `target` reads. */
export interface ILink {
  readonly source: number;
  readonly target: number;
  readonly names: readonly string[];
}

export type Standing = 'served' | 'training' | 'check' | 'out';

export interface ICellStanding {
  readonly cell: number;
  readonly standing: Standing;
  readonly pulled: boolean;
}

export interface ICheckAccount {
  readonly cell: number;
  readonly name: string;
  readonly evaluated: boolean;
  readonly why: string;
}

/** The answer to `analyze`: with an `error` the notebook could not be read, and nothing else is there. */
export interface IAnalysis {
  readonly findings: readonly IFinding[];
  readonly error: IProblem | null;
  readonly notebook?: { readonly name: string; readonly cells: readonly ICell[] };
  readonly dataflow?: { readonly statements: readonly IStatement[] };
  readonly outline?: IOutline | null;
  readonly left_out?: readonly IReason[];
  readonly links?: readonly ILink[];
  readonly standings?: readonly ICellStanding[];
  readonly contract?: IPromise | null;
  readonly checks?: readonly ICheckAccount[];
  readonly parameters?: readonly OfferedParameter[];
}

/** The answer to `runs`: how many runs a validation would make, or which fields are wrong. */
export interface IPlannedRuns {
  readonly error: IProblem | null;
  readonly runs?: number | null;
  readonly wrong?: readonly WrongField[];
  readonly last?: { readonly began: string; readonly runs: number; readonly metrics: readonly string[] } | null;
  readonly offered?: Offered;
}

/** The answer to `validated`: the last validation; null where there was none. */
export interface IValidated {
  readonly error: IProblem | null;
  readonly output?: string;
  readonly cells?: CellIds;
  readonly validation?: Validation | null;
}

export interface IProposedCell {
  readonly cell: number;
  readonly id: string;
  readonly role: Role;
  readonly name: string | null;
  readonly reason: string;
  readonly confidence: number;
  readonly words: string;
  readonly line: string;
}

/** The answer to `suggest`. */
export interface ISuggestion {
  readonly error: IProblem | null;
  readonly proposal?: {
    readonly cells: readonly IProposedCell[];
    readonly nothing: string;
  };
}

/** One of the author's lines in a generated module. */
export interface ILineOrigin {
  readonly line: number;
  readonly cell: number;
  readonly cell_line: number;
}

/** What a draft could not know: lines `first` to `last` of a module. */
export interface IMark {
  readonly text: string;
  readonly line: number;
  readonly first: number;
  readonly last: number;
}

export interface IModule {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly lines: readonly ILineOrigin[];
  readonly marks: readonly IMark[];
}

/** The answer to `show`. */
export interface IShown {
  readonly error: IProblem | null;
  readonly findings?: readonly IFinding[];
  readonly basis?: {
    readonly kind: 'draft' | 'capture';
    readonly captured: string;
    readonly changed: readonly number[];
    readonly note: string;
  };
  readonly modules?: readonly IModule[];
}

export type ItemStatus =
  'pass' | 'fail' | 'warn' | 'not_evaluated' | 'not_applicable' | 'attested' | 'waived' | 'stale' | 'expired' | 'broken';

/** The file, figure or command that proves an item of the checklist. */
export interface IEvidence {
  readonly details: readonly (readonly [string, string])[];
  readonly command: string;
  readonly subjects: readonly (readonly [string, string])[];
  readonly control: { readonly description: string; readonly fired: boolean } | null;
  readonly files: readonly (readonly [string, string])[];
}

export interface IChecklistItem {
  readonly id: string;
  readonly step: number;
  readonly title: string;
  readonly severity: 'blocker' | 'warning' | 'info';
  readonly status: ItemStatus;
  readonly sentence: string;
  readonly next_action: string;
  readonly why: string;
  readonly maps: string;
  readonly evidence: IEvidence | null;
}

export interface IChecklistStep {
  readonly number: number;
  readonly name: string;
  readonly items: readonly IChecklistItem[];
}

/** The checklist of one project as it stands now; `cells` has the ids of code cells by number, while nothing changed. */
export interface IProjectReadiness {
  readonly project: string;
  readonly as_built: boolean;
  readonly cells: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string }[];
  readonly notes: readonly string[];
  readonly readiness: {
    readonly service: string;
    readonly gates: Readonly<Record<string, readonly string[]>>;
    readonly steps: readonly IChecklistStep[];
  };
}

/** The answer to `ready`: the projects that were built from a notebook, the newest first. */
export interface IReadiness {
  readonly error: IProblem | null;
  readonly projects?: readonly IProjectReadiness[];
  readonly damaged?: readonly { readonly project: string; readonly error: IProblem }[];
}
