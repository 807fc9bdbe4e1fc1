/** The ids of cells by their numbers, as they were when something was said of them. */
export type CellIds = Readonly<Record<string, string>>;

/** The id of the cell that had a number then; where no ids were told (a file of an old format has none) of the one that has it `now`. */
export function idThen(
  ids: CellIds | undefined,
  number: number,
  now: (number: number) => string | undefined
): string | undefined {
  return ids && Object.keys(ids).length > 0 ? ids[String(number)] : now(number);
}

/** Ids in the order of their cells, by number. */
export function numbered(ids: readonly string[]): CellIds {
  return Object.fromEntries(ids.map((id, index) => [String(index + 1), id]));
}
