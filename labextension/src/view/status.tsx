/** The panel's first line. What is read aloud is each result that is another one, not that every key begins an analysis. */

import React from 'react';

interface IStatusProps {
  readonly text: string;
  /** Whether it says only that something is to come. */
  readonly isBusy: boolean;
}

export function Status({ text, isBusy }: IStatusProps): React.JSX.Element {
  const [told, setTold] = React.useState('');
  React.useEffect(() => {
    if (!isBusy) {
      setTold(text);
    }
  }, [text, isBusy]);
  return (
    <>
      <p className="nb2svc-Panel-status" tabIndex={-1}>
        {text}
      </p>
      <span className="nb2svc-Aloud" role="status">
        {told}
      </span>
    </>
  );
}
