// Bundles scripts and style and cuts the web fonts. Equal sources give equal files.
import { access, copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { build } from "esbuild";
import subsetFont from "subset-font";
import { commonCharacters, otherCharacters } from "./characters.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, "..", "static");
const resolve = createRequire(import.meta.url).resolve;
const SOURCE_FONT = resolve(
  "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
);

async function bundle() {
  await build({
    entryPoints: {
      console: path.join(here, "src", "console.ts"),
      canvas: path.join(here, "src", "canvas.ts"),
      "console-style": path.join(here, "src", "console.css"),
    },
    outdir: target,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome100", "firefox100"],
    charset: "utf8",
    legalComments: "none",
    external: ["*.woff2"],
    logLevel: "warning",
  });
}

async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The font in full for drawings, and in two parts for pages: most pages need the first only. */
async function fonts() {
  const folder = path.join(target, "fonts");
  await mkdir(folder, { recursive: true });
  const full = path.join(folder, "NotoSansSC-Regular.ttf");
  if (await exists(full)) return;
  const font = await readFile(SOURCE_FONT);
  const parts = { common: commonCharacters(), other: otherCharacters() };
  for (const [name, text] of Object.entries(parts)) {
    const cut = await subsetFont(font, text, { targetFormat: "woff2" });
    await writeFile(path.join(folder, `noto-sans-sc-${name}.woff2`), cut);
  }
  // Written last: its presence says that the folder is whole.
  await copyFile(SOURCE_FONT, full);
}

/** The licence of everything that is shipped, as those licences ask. */
async function licences() {
  const parts = [];
  for (const name of ["sigma", "graphology", "graphology-utils", "events", "htmx.org"]) {
    parts.push(await licenceOf(name));
  }
  parts.push(await licenceOf("@expo-google-fonts/noto-sans-sc", "LICENSE_FONT"));
  await writeFile(path.join(target, "LICENSES.txt"), parts.join("\n\n"));
}

async function licenceOf(name, wanted = "") {
  const folder = path.join(here, "node_modules", name);
  const files = await readdir(folder);
  const file = wanted || files.find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name}: no licence file`);
  return `== ${name} ==\n${await readFile(path.join(folder, file), "utf8")}`;
}

await Promise.all([
  bundle(),
  fonts(),
  licences(),
  copyFile(path.join(here, "src", "favicon.svg"), path.join(target, "favicon.svg")),
]);
