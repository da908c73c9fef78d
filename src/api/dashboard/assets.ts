/**
 * What the page is made of, as bytes: bundled by Bun in this process when the page is first asked
 * for, and kept. So a fresh clone needs no build step, and a node whose page nobody opens pays
 * nothing. It takes 18 MB, and some 60 ms on Bun's own threads; the loop stands still for under
 * 16 ms of them, a small part of an election timeout.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** One file of the page, under a name that changes with its content. */
export interface Asset {
  /** Such as `page-1f0c….js`. */
  readonly name: string;
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Of the content, without quotes. */
  readonly hash: string;
}

/** The files of the page, by what they do. */
export interface Assets {
  readonly script: Asset;
  readonly style: Asset;
  /** Lays charts out, in a thread of its own. */
  readonly layoutWorker: Asset;
  readonly icon: Asset;
}

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const HASH_LENGTH = 16;

const compress = promisify(gzip);
const inPage = (file: string): string => Bun.fileURLToPath(import.meta.resolve(`./page/${file}`));
const packaged = (file: string): string => Bun.fileURLToPath(import.meta.resolve(file));

/** Builds the page once, for whoever asks. */
export class PageAssets {
  private building: Promise<Assets> | null = null;

  /** **Errors**: a page that does not build, which is a fault of ours; the next one tries anew. */
  load(): Promise<Assets> {
    this.building ??= build().catch((error: unknown) => {
      this.building = null;
      throw error;
    });
    return this.building;
  }

  /** What there is under a name; null for a name of another version, or none of ours. */
  async find(name: string): Promise<Asset | null> {
    return Object.values(await this.load()).find((asset: Asset) => asset.name === name) ?? null;
  }
}

async function build(): Promise<Assets> {
  const [page, worker, icon] = await Promise.all([
    bundle(["page.tsx", "page.css"]),
    Bun.file(packaged("elkjs/lib/elk-worker.min.js")).bytes(),
    Bun.file(inPage("icon.svg")).bytes(),
  ]);
  const [script, style, layoutWorker, image] = await Promise.all([
    asset("page", "js", page.script),
    asset("page", "css", page.style),
    asset("layout", "js", worker),
    asset("icon", "svg", icon),
  ]);
  return { script, style, layoutWorker, icon: image };
}

async function bundle(entries: readonly string[]) {
  const { outputs } = await Bun.build({
    entrypoints: entries.map(inPage),
    target: "browser",
    minify: true,
    jsx: { runtime: "automatic", importSource: "preact", development: false },
  });
  const bytesOf = async (extension: string) => {
    const output = outputs.find(({ path }) => path.endsWith(extension));
    if (output === undefined) throw new Error(`the page's bundle has no ${extension}`);
    return new Uint8Array(await output.arrayBuffer());
  };
  return { script: await bytesOf(".js"), style: await bytesOf(".css") };
}

const TYPES = { js: SCRIPT_TYPE, css: "text/css; charset=utf-8", svg: "image/svg+xml" } as const;

async function asset(
  concept: string,
  extension: keyof typeof TYPES,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Asset> {
  const hash = hashOf(plain);
  return {
    name: `${concept}-${hash}.${extension}`,
    type: TYPES[extension],
    plain,
    gzipped: new Uint8Array(await compress(plain)),
    hash,
  };
}

/** Names a content; two that differ never share it. */
export const hashOf = (content: string | Uint8Array): string =>
  new Bun.CryptoHasher("sha256").update(content).digest("hex").slice(0, HASH_LENGTH);
