/** Three nodes of Balsa, as its README starts them. */
import { join } from "node:path";
import { freePort } from "../../test/cluster/harness/ports";
import { askJson, HttpCluster, type HttpProduct } from "./http-cluster";
import type { PeerOptions } from "./peer";

const projectRoot = join(import.meta.dir, "../..");
const IDS = [1, 2, 3];

interface Status {
  readonly term: number;
  readonly leader: { readonly id: number; readonly address: string } | null;
}

export const balsaProduct: HttpProduct = {
  name: "balsa",
  dialect: "balsa",

  recipes({ folder, flags = [], entry = "src/main.ts" }) {
    const founders = IDS.map((id) => `${id}=127.0.0.1:${freePort()}`).join(",");
    return IDS.map((id) => {
      const api = `127.0.0.1:${freePort()}`;
      const command = [
        ...[process.execPath, join(projectRoot, entry), "--id", `${id}`],
        ...["--cluster", founders, "--api", api, "--data", join(folder, `${id}`)],
        ...["--log-level", "warn", ...flags],
      ];
      return { id, url: `http://${api}`, command };
    });
  },

  async standing(url) {
    const { term, leader } = (await askJson(`${url}/cluster/status`)) as Status;
    return { term, leader: leader?.id ?? null, leads: `http://${leader?.address}` === url };
  },

  async write(url, key, value, timeoutMs) {
    await askJson(`${url}/set?timeout=${timeoutMs}ms`, { body: { key, value }, timeoutMs });
  },

  async has(url, key) {
    return (await fetch(`${url}/get/${encodeURIComponent(key)}`)).status === 200;
  },
};

export const startableBalsa = (options: PeerOptions) => new HttpCluster(balsaProduct, options);
