// Compiles one source in memory: tests run on what the bundle is made of.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "src");

export async function load(name) {
  const made = await build({
    entryPoints: [path.join(sources, name)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    // Shaders need a browser; what is tested here does not.
    external: ["sigma", "sigma/*", "graphology"],
  });
  const text = made.outputFiles[0].text;
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}
