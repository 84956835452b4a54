import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { actionOf, moved } = await load("keys.ts");
const plain = { isTyping: false, hasModifier: false };

test("keys act on a page but not while somebody types", () => {
  assert.equal(actionOf({ key: "/", ...plain }), "search");
  assert.equal(actionOf({ key: "j", ...plain }), "next");
  assert.equal(actionOf({ key: "j", isTyping: true, hasModifier: false }), undefined);
  assert.equal(actionOf({ key: "Escape", isTyping: true, hasModifier: false }), "leave");
  assert.equal(actionOf({ key: "j", isTyping: false, hasModifier: true }), undefined);
  assert.equal(actionOf({ key: "q", ...plain }), undefined);
});

test("the current row stays within the table", () => {
  assert.equal(moved("next", -1, 3), 0);
  assert.equal(moved("next", 2, 3), 2);
  assert.equal(moved("previous", 0, 3), 0);
  assert.equal(moved("last", 0, 3), 2);
  assert.equal(moved("next", -1, 0), -1);
});
