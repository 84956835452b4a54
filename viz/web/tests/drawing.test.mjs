import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { lanes, wrapped } = await load("drawing.ts");

test("a lone edge runs straight", () => {
  assert.deepEqual(lanes([{ source: "a", target: "b" }]), [0]);
});

test("parallel edges take different lanes, also when they run against each other", () => {
  const edges = [
    { source: "a", target: "b" },
    { source: "a", target: "b" },
    { source: "b", target: "a" },
  ];
  const seenFromA = lanes(edges).map((lane, i) => (edges[i].source === "a" ? lane : -lane));
  assert.equal(new Set(seenFromA).size, 3);
  assert.equal(seenFromA.reduce((sum, lane) => sum + lane, 0), 0);
});

test("names break into two lines and no character is torn", () => {
  assert.deepEqual(wrapped("短名", 4), ["短名"]);
  assert.deepEqual(wrapped("一二三四五六", 4), ["一二三", "四五六"]);
  assert.deepEqual(wrapped("一二三四五六七八九十", 4), ["一二三四", "五六七…"]);
  assert.deepEqual(wrapped("𠮷𠮷𠮷𠮷𠮷", 4), ["𠮷𠮷𠮷", "𠮷𠮷"]);
});
