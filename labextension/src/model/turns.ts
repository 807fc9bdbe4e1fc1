/** The order of questions that are asked again and again: an answer counts where no later one came before it. */
export class Turns {
  /** The number of the next question. */
  next(question = ''): number {
    this.question = question;
    return ++this.asked;
  }

  /** Whether the last question was this one, and nothing newer is known yet: its answer is to come. */
  isUnderWay(question: string): boolean {
    return this.asked > this.answered && this.question === question;
  }

  /** Whether no question was asked after that one. */
  isLast(turn: number): boolean {
    return turn === this.asked;
  }

  /** Whether the answer to that question says something newer than all that came; it counts as come then. */
  isNews(turn: number): boolean {
    if (turn <= this.answered) {
      return false;
    }
    this.answered = turn;
    return true;
  }

  /** What is known already answers all that was asked: no answer to it counts any more. */
  settle(): void {
    this.answered = this.asked;
  }

  private question = '';
  private asked = 0;
  private answered = 0;
}
