// The side of a bench process that is asked: answers questions from the parent process until told to stop.
import type { Answer, Question } from "./messages.ts";

/**
 * Answers every question the parent process asks, one at a time, and ends this process when the parent is gone, so that
 * nothing is left running if the bench is killed.
 *
 * @param ready - The first thing to say, unasked.
 * @param reply - Gives the answer to a question; what it throws is sent instead. "stop" is not passed to it.
 */
export function answerParent(ready: unknown, reply: (question: Question) => unknown): void {
  const answer = async (question: Question): Promise<void> => {
    try {
      say({ answer: (await reply(question)) ?? null });
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  process.on("message", (question: Question) => {
    // process.exit rather than a natural end: it is what makes --cpu-prof write its file with connections still open.
    if (question.ask === "stop") process.exit(0);
    void answer(question);
  });
  process.on("disconnect", () => process.exit(0));
  say({ answer: ready });
}

function say(answer: Answer): void {
  process.send?.(answer);
}
