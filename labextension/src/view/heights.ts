/** Where the rows of a list stand: measured, since some have more lines than others. */

import React from 'react';

// The middle of a row's first line.
const MIDDLE = 12;

/** The height of the middle of each row's first line, in pixels below the list's top; measured again where `signature` changes. */
export function useHeights(list: React.RefObject<HTMLElement>, signature: string): readonly number[] {
  const [heights, setHeights] = React.useState<readonly number[]>([]);
  const measure = React.useCallback(() => {
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const found = rows.map(row => row.offsetTop + MIDDLE);
    setHeights(before =>
      before.length === found.length && before.every((each, index) => each === found[index]) ? before : found
    );
  }, [list]);
  React.useLayoutEffect(measure, [measure, signature]);
  React.useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (list.current) {
      observer.observe(list.current);
    }
    return () => observer.disconnect();
  }, [list, measure]);
  return heights;
}
