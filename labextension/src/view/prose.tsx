/** Sentences of the compiler, in which what stands between backticks is code. */

import React from 'react';

import { partsOf } from '../model/prose';

export function Prose({ text }: { readonly text: string }): React.JSX.Element {
  return <>{partsOf(text).map((part, index) => (part.isCode ? <code key={index}>{part.text}</code> : part.text))}</>;
}

/** The same where React is not: as nodes. */
export function proseNodes(text: string): Node[] {
  return partsOf(text).map(part => {
    const node = part.isCode ? document.createElement('code') : document.createTextNode(part.text);
    node.textContent = part.text;
    return node;
  });
}
