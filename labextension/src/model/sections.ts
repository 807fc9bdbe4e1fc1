/** Which parts of the panel are open: remembered, and known to all who ask. */

/** Where it is kept between two visits. */
export interface IKeeper {
  fetch(): Promise<unknown>;
  save(open: Readonly<Record<string, boolean>>): void;
}

export class OpenSections {
  constructor(private readonly keeper: IKeeper | null = null) {
    keeper
      ?.fetch()
      .then(kept => {
        // What was opened or closed by hand in the meantime is newer.
        this.replace({ ...readable(kept), ...this.state });
      })
      .catch(() => {
        // Without a memory each part stands as it does at first.
      });
  }

  /** Whether a part is open; `atFirst` where nobody said so yet. */
  isOpen(id: string, atFirst: boolean): boolean {
    return this.state[id] ?? atFirst;
  }

  /** Open or close a part. */
  set(id: string, open: boolean): void {
    if (this.state[id] !== open) {
      this.replace({ ...this.state, [id]: open });
      this.keeper?.save(this.state);
    }
  }

  /** Be told of each change; what is returned ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private replace(state: Readonly<Record<string, boolean>>): void {
    this.state = state;
    for (const listener of this.listeners) {
      listener();
    }
  }

  private state: Readonly<Record<string, boolean>> = {};
  private readonly listeners = new Set<() => void>();
}

function readable(kept: unknown): Record<string, boolean> {
  const entries = typeof kept === 'object' && kept !== null ? Object.entries(kept) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
}
