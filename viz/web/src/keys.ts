/** What a key does on a page; pure, so that it can be tested without a browser. */
export type Action = "search" | "next" | "previous" | "open" | "first" | "last" | "leave";

export interface Press {
  readonly key: string;
  readonly isTyping: boolean;
  readonly hasModifier: boolean;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  "/": "search",
  j: "next",
  k: "previous",
  Enter: "open",
  g: "first",
  G: "last",
};

/** The action of a key press; nothing while somebody types, but Escape leaves the field. */
export function actionOf(press: Press): Action | undefined {
  if (press.hasModifier) return undefined;
  if (press.isTyping) return press.key === "Escape" ? "leave" : undefined;
  return ACTIONS[press.key];
}

/** Row that is current after an action, in a table of `count` rows; `current` may be -1. */
export function moved(action: Action, current: number, count: number): number {
  if (count === 0) return -1;
  switch (action) {
    case "next":
      return Math.min(current + 1, count - 1);
    case "previous":
      return Math.max(current - 1, 0);
    case "first":
      return 0;
    case "last":
      return count - 1;
    default:
      return current;
  }
}
