import React from 'react';

/** Draw again each second. */
export function useSeconds(active: boolean): void {
  const [, again] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    if (!active) {
      return undefined;
    }
    const timer = window.setInterval(again, 1000);
    return () => window.clearInterval(timer);
  }, [active]);
}
