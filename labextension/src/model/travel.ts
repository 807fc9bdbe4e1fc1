/** A key in a list that is closed. */
export interface IKey {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

const ARROWS = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown']);

/** Whether a key goes on to another entry of a closed list, on the way to one that is wanted; on a Mac arrows open the list. */
export function goesThrough({ key, altKey, ctrlKey, metaKey }: IKey, isMac: boolean): boolean {
  if (altKey || ctrlKey || metaKey || key === ' ') {
    return false;
  }
  return ARROWS.has(key) ? !isMac : Array.from(key).length === 1;
}
