/** A call that waits for a pause, and gives way to a later one of its kind. */
export class Later {
  constructor(private readonly pause: number) {}

  /** Whether a call waits. */
  get isWaiting(): boolean {
    return this.timer !== undefined;
  }

  call(what: () => void): void {
    this.drop();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      what();
    }, this.pause);
  }

  drop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private timer: ReturnType<typeof setTimeout> | undefined;
}
