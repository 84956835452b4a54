// Which characters the web fonts carry.

/** Characters of the two-byte rows of a Chinese encoding. */
function rows(encoding, leads, trails) {
  const decoder = new TextDecoder(encoding);
  let text = "";
  for (const lead of leads) {
    for (const trail of trails) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (!character.includes("\ufffd") && !isPrivate(character)) text += character;
    }
  }
  return text;
}

function isPrivate(character) {
  const code = character.codePointAt(0);
  return code >= 0xe000 && code <= 0xf8ff;
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Latin letters, signs, and all of GB 2312. */
export function commonCharacters() {
  const latin = String.fromCodePoint(...range(0x20, 0x7e), ...range(0xa0, 0xff));
  const signs = "‐–—―‘’“”†•…‰′″※€℃№→←↑↓■□▲△▼▽◆◇○●★☆㎡㎥";
  const gb2312 = rows("gbk", [...range(0xa1, 0xa9), ...range(0xb0, 0xf7)], range(0xa1, 0xfe));
  return [...new Set(latin + signs + gb2312)].join("");
}

/** What GBK has beyond that: rare characters of names. */
export function otherCharacters() {
  const common = new Set(commonCharacters());
  const gbk = rows("gbk", range(0x81, 0xfe), [...range(0x40, 0x7e), ...range(0x80, 0xfe)]);
  return [...new Set(gbk)].filter((character) => !common.has(character)).join("");
}
