/** A list to choose from. Keys that go through it while it is closed choose nothing yet: Enter does, or leaving it. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { goesThrough } from '../model/travel';

interface ISelectionProps {
  readonly label: string;
  readonly value: string;
  readonly trans: TranslationBundle;
  readonly choose: (value: string) => void;
  readonly children: React.ReactNode;
  readonly className?: string;
  readonly disabled?: boolean;
  readonly autoFocus?: boolean;
}

const IS_MAC = /Mac/.test(navigator.userAgent);

export function Selection(props: ISelectionProps): React.JSX.Element {
  const { label, value, trans, choose, children, className = '', ...rest } = props;
  const [reached, setReached] = React.useState<string | null>(null);
  const isTravelling = React.useRef(false);
  React.useEffect(() => setReached(null), [value]);
  const commit = () => {
    setReached(null);
    if (reached !== null && reached !== value) {
      choose(reached);
    }
  };
  return (
    <select
      {...rest}
      className={`${className}${reached === null ? '' : ' nb2svc-mod-reached'}`}
      value={reached ?? value}
      aria-label={label}
      title={reached === null ? undefined : trans.__('Enter sets it, Escape takes it back')}
      onKeyDown={event => {
        isTravelling.current = goesThrough(event, IS_MAC);
        if (reached !== null && event.key === 'Enter') {
          event.preventDefault();
          commit();
        } else if (event.key === 'Escape') {
          setReached(null);
        }
      }}
      onKeyUp={() => {
        isTravelling.current = false;
      }}
      onBlur={commit}
      onChange={event => {
        if (isTravelling.current) {
          setReached(event.target.value);
        } else {
          setReached(null);
          choose(event.target.value);
        }
      }}
    >
      {children}
    </select>
  );
}
