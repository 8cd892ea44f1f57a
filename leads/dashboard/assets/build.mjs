// Builds ../static/: bundled, minified, and named by content, so that a browser may keep a file
// for ever and still sees every change. manifest.json says which name stands for which file. What
// is text lies there compressed as well, for app.py to serve.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const assets = dirname(fileURLToPath(import.meta.url));
const out = join(assets, "..", "static");

const options = {
  absWorkingDir: assets,
  entryPoints: { app: "scripts/app.js", "live-worker": "scripts/live-worker.js", styles: "styles/index.css" },
  outdir: out,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox121", "safari17.5"], // the first with light-dark() and nesting
  loader: { ".woff2": "file" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
};

async function build() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await esbuild.build(options);
  const manifest = {};
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    const name = relative(out, join(assets, file));
    if (entryPoint) manifest[name.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = name;
    if (/inter.*woff2$/.test(name)) manifest["font.woff2"] = name;
  }
  for (const file of ["icons.svg", "favicon.svg", "favicon-waiting.svg"]) {
    const content = await readFile(join(assets, "icons", file));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
    manifest[file] = file.replace(".svg", `-${hash}.svg`);
    await writeFile(join(out, manifest[file]), content);
  }
  for (const name of Object.values(manifest).filter((name) => /\.(js|css|svg)$/.test(name)))
    await writeFile(join(out, `${name}.gz`), gzipSync(await readFile(join(out, name)), { level: 9 }));
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`Built ${Object.keys(manifest).length} files into leads/dashboard/static/.`);
}

await build();
if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer;
  for (const folder of ["styles", "scripts", "icons"])
    watch(join(assets, folder), () => {
      clearTimeout(timer);
      timer = setTimeout(() => build().catch((error) => console.error(error.message)), 100);
    });
}
