import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { NotebookSession } from './session';
import { RowsModel } from './rows';

interface IQuestion {
  readonly ask: string;
  readonly row?: number;
  readonly offset?: number;
  readonly search?: string;
  readonly request?: object;
}

const ROWS = Array.from({ length: 120 }, (_, row) => ({ row, values: {}, standing: 'predicted', notable: [], notebook: row }));

const IDS = { 1: 'load', 2: 'train' };

/** What a server that works answers. */
function answerTo({ ask, row, offset = 0, request }: IQuestion): object {
  return ask === 'list'
    ? { error: null, cell_ids: IDS, total: 120, matching: 120, offset, rows: ROWS.slice(offset, offset + 50), proof: null }
    : { error: null, row, request: request ?? { income: row }, cell_ids: IDS, steps: [] };
}

describe('captured rows', () => {
  let asked: IQuestion[] = [];
  let fails: (question: IQuestion) => boolean = () => false;
  let model: RowsModel;

  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    fails = () => false;
    model = new RowsModel({
      rows: <T>(_: string, question: object) => {
        asked.push(question as IQuestion);
        return fails(question as IQuestion)
          ? Promise.reject(new Error('no answer'))
          : Promise.resolve(answerTo(question as IQuestion) as T);
      }
    });
    model.session = { path: 'loans.ipynb' } as NotebookSession;
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are listed once, however often more are asked for', async () => {
    await model.load();
    await Promise.all([model.more(), model.more()]);
    expect(model.page?.rows.map(each => each.row)).toEqual(ROWS.slice(0, 100).map(each => each.row));
  });

  it('are not mixed with those of a search that is about to be asked', async () => {
    await model.load();
    model.find('south', false);
    await model.more();
    await vi.runAllTimersAsync();
    expect(asked.filter(each => each.ask === 'list').map(each => [each.search, each.offset])).toEqual([
      ['', 0],
      ['south', 0]
    ]);
  });

  it('keep an edit that a search follows', async () => {
    await model.load();
    model.edit('income', 7);
    model.find('south', false);
    await vi.runAllTimersAsync();
    expect(asked.slice(2).map(each => each.ask)).toEqual(['try', 'list']);
  });

  it('never try the fields of one row as another', async () => {
    await model.load();
    model.edit('income', 7);
    await Promise.all([model.choose(2), vi.runAllTimersAsync()]);
    expect(asked.filter(each => each.ask === 'try')).toEqual([]);
    expect(model.request).toEqual({ income: 2 });
  });

  it('mark the row whose details stand, where another one did not come', async () => {
    await model.load();
    fails = ({ row }) => row === 2;
    const chosen = model.choose(2);
    expect(model.row).toBe(2);
    await chosen;
    expect([model.row, model.captured, model.trouble]).toEqual([0, { income: 0 }, 'no answer']);
  });

  it('lead to the cell that was built, wherever it stands now, and say where it is gone', async () => {
    const shown: string[] = [];
    const reveal = (id: string) => Promise.resolve(void shown.push(id));
    model.session = { path: 'b.ipynb', ids: ['new', 'load'], idOf: () => 'new', reveal } as unknown as NotebookSession;
    await model.load();
    await model.reveal(1, 4);
    expect([shown, model.gone]).toEqual([['load'], null]);
    await model.reveal(2, 1);
    expect([shown, model.gone]).toEqual([['load'], 2]);
  });

  it('can be asked for again after they did not come', async () => {
    fails = () => true;
    await model.load();
    expect([model.page, model.trouble]).toEqual([null, 'no answer']);
    fails = () => false;
    model.outdate();
    await model.load();
    expect(model.page?.rows.length).toBe(50);
  });
});
