/** Three nodes of etcd with its defaults, asked through the JSON gateway. */
import { join } from "node:path";
import { freePort } from "../../test/cluster/harness/ports";
import { askJson, HttpCluster, type HttpProduct } from "./http-cluster";
import type { PeerOptions } from "./peer";

const IDS = [1, 2, 3];
/** etcd stops taking writes at 2 GiB by default; the most it recommends. Units: bytes. */
const QUOTA_BYTES = 8 * 1024 ** 3;

/** The gateway writes 64-bit numbers as strings. */
interface MaintenanceStatus {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
  readonly raftTerm: string;
}
interface RangeAnswer {
  readonly count?: string;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

export const etcdProduct: HttpProduct = {
  name: "etcd",
  dialect: "etcd",

  recipes({ folder, flags = [] }) {
    const peerUrls = IDS.map(() => `http://127.0.0.1:${freePort()}`);
    const members = IDS.map((id, at) => `n${id}=${peerUrls[at]}`).join(",");
    return IDS.map((id, at) => {
      const url = `http://127.0.0.1:${freePort()}`;
      const peerUrl = peerUrls[at] ?? "";
      const command = [
        ...["etcd", "--name", `n${id}`, "--data-dir", join(folder, `${id}`)],
        ...["--listen-client-urls", url, "--advertise-client-urls", url],
        ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
        ...["--initial-cluster", members, "--initial-cluster-state", "new"],
        ...["--quota-backend-bytes", `${QUOTA_BYTES}`],
        ...["--logger", "zap", "--log-level", "warn", ...flags],
      ];
      return { id, url, command };
    });
  },

  async standing(url) {
    const answer = await askJson(`${url}/v3/maintenance/status`, { body: {} });
    const { header, leader = "0", raftTerm } = answer as MaintenanceStatus;
    return {
      term: Number(raftTerm),
      leader: leader === "0" ? null : leader,
      leads: leader === header.member_id,
    };
  },

  async write(url, key, value, timeoutMs) {
    const body = { key: base64(key), value: base64(value) };
    await askJson(`${url}/v3/kv/put`, { body, timeoutMs });
  },

  async has(url, key) {
    const answer = await askJson(`${url}/v3/kv/range`, { body: { key: base64(key) } });
    return (answer as RangeAnswer).count === "1";
  },
};

export const startableEtcd = (options: PeerOptions) => new HttpCluster(etcdProduct, options);
