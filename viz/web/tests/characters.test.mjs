import assert from "node:assert/strict";
import { test } from "node:test";
import { commonCharacters, otherCharacters } from "../characters.mjs";

test("the first font holds all of GB 2312, the second what GBK has beyond", () => {
  const common = commonCharacters();
  const hanzi = [...common].filter((character) => /\p{Script=Han}/u.test(character));
  assert.ok(hanzi.length >= 6763, `${hanzi.length} hanzi`);
  for (const character of "警环吨￥①—…㎡") assert.ok(common.includes(character), character);
  const other = new Set(otherCharacters());
  for (const character of "镕喆堃") assert.ok(other.has(character), character);
  assert.ok(![...common].some((character) => other.has(character)));
});
