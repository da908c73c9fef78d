/** Three nodes of the same shape with nothing in them: see `bench/floor/main.ts`. */
import { join } from "node:path";
import { freePort } from "../../test/cluster/harness/ports";
import { askJson, HttpCluster, type HttpProduct } from "./http-cluster";
import type { PeerOptions } from "./peer";

const main = join(import.meta.dir, "../floor/main.ts");
const IDS = [1, 2, 3];

export const floorProduct: HttpProduct = {
  name: "floor",
  dialect: "balsa",

  recipes({ folder }) {
    const peerPorts = [`${freePort()}`, `${freePort()}`];
    return IDS.map((id) => {
      const port = `${freePort()}`;
      const data = join(folder, `${id}`);
      const command = [process.execPath, main, `${id}`, port, data, ...peerPorts];
      return { id, url: `http://127.0.0.1:${port}`, command };
    });
  },

  /** The first leads for ever. */
  async standing(url) {
    const { leads } = (await askJson(`${url}/standing`)) as { readonly leads: boolean };
    return { term: 1, leader: 1, leads };
  },

  async write(url, key, value, timeoutMs) {
    await askJson(`${url}/set`, { body: { key, value }, timeoutMs });
  },

  has: () => Promise.reject(new Error("the floor keeps nothing")),
};

export const startableFloor = (options: PeerOptions) => new HttpCluster(floorProduct, options);
