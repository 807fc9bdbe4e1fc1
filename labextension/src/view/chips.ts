/** The chip on a tagged cell: role, name and state. Hovering says why; a click opens the panel there. */

import type { Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICellItem, NotebookSession } from '../wiring/session';
import { contradiction, roleWord, stateWords } from './words';

const CHIP = 'nb2svc-Chip';
const TAGGED = 'nb2svc-mod-tagged';

/** Draw the chips of a notebook, again whenever it changes; `open` is called with the id of the cell whose chip was clicked. */
export function drawChips(session: NotebookSession, trans: TranslationBundle, open: (id: string) => void): void {
  const draw = () => {
    const items = new Map(session.items.map(item => [item.id, item]));
    for (const cell of session.panel.content.widgets) {
      drawChip(cell, items.get(cell.model.id), trans, open);
    }
  };
  session.changed.connect(draw);
  draw();
}

function drawChip(cell: Cell, item: ICellItem | undefined, trans: TranslationBundle, open: (id: string) => void): void {
  let chip = cell.node.querySelector<HTMLButtonElement>(`:scope > .${CHIP}`);
  cell.toggleClass(TAGGED, Boolean(item?.directive));
  if (!item?.directive) {
    chip?.remove();
    return;
  }
  if (!chip) {
    chip = document.createElement('button');
    chip.type = 'button';
    chip.addEventListener('click', () => open(cell.model.id));
    cell.node.appendChild(chip);
  }
  const { role, name } = item.directive;
  const state = stateWords(item.state, trans);
  chip.className = `${CHIP} nb2svc-mod-${role} nb2svc-mod-${item.state}`;
  chip.textContent = [state.sign, roleWord(role, trans), name].filter(Boolean).join(' ');
  const why = item.findings.map(finding => `${finding.code}: ${finding.message}`);
  if (item.contradictory) {
    why.unshift(contradiction(item.directive, trans));
  }
  chip.title = [`${roleWord(role, trans)} ${name}`.trim(), why.length > 0 ? why.join('\n') : state.word].join('\n');
  chip.setAttribute('aria-label', trans.__('nb2svc: %1 %2, %3; open the panel', roleWord(role, trans), name, state.word));
}
