/** Where somebody types: the editors of cells and files, and fields. */
const TYPED_IN = '.cm-editor, .jp-Editor, input, textarea, select, [contenteditable="true"]';

/** Whether somebody types, so that the caret is not to be taken from them. */
export function isTyping(): boolean {
  return Boolean(document.activeElement?.closest(TYPED_IN));
}
