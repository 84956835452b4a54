import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { Room, byImportance, labelAt, lanes, wrapped } = await load("drawing.ts");

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

test("names get room by weight: severe, with a role, with many edges", () => {
  const node = (id, role = "", is_severe = false) => ({ id, role, is_severe });
  const nodes = [node("leaf"), node("hub"), node("carrier", "承运人"), node("worst", "", true)];
  const edges = [
    { source: "hub", target: "leaf" },
    { source: "carrier", target: "hub" },
  ];
  const order = byImportance({ nodes, edges }).map(({ id }) => id);
  assert.deepEqual(order, ["worst", "carrier", "hub", "leaf"]);
  assert.equal(nodes[0].id, "leaf");
});

test("a name is written only where none stands", () => {
  const room = new Room();
  const at = (left, top) => ({ left, top, width: 40, height: 16 });
  assert.equal(room.take(at(0, 0)), true);
  assert.equal(room.take(at(39, 15)), false);
  assert.equal(room.take(at(40, 0)), true);
  assert.equal(room.take(at(0, 16)), true);
  room.clear();
  assert.equal(room.take(at(39, 15)), true);
});

test("labels of parallel edges stand apart, also when the edges run against each other", () => {
  const edges = [
    { source: "a", target: "b" },
    { source: "b", target: "a" },
    { source: "a", target: "b" },
  ];
  const places = lanes(edges).map((lane, i) =>
    edges[i].source === "a" ? labelAt(lane) : 1 - labelAt(lane),
  );
  places.sort((a, b) => a - b);
  assert.ok(places[1] - places[0] > 0.15 && places[2] - places[1] > 0.15, String(places));
  assert.equal(labelAt(0), 0.5);
});

test("labels of two edges that run against each other are further apart than those of a lane", () => {
  const [there, back] = lanes([
    { source: "a", target: "b" },
    { source: "b", target: "a" },
  ]);
  assert.ok(Math.abs(labelAt(there) - (1 - labelAt(back))) > 0.3);
});
