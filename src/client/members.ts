/** Who takes part in the cluster. */
import type { MemberAnswer, MembersAnswer, RemovedAnswer } from "./answers";
import type { Attempt, CallOptions, Reply } from "./call";
import type { Calls } from "./calls";
import { given } from "./given";

export interface AddMemberOptions extends CallOptions {
  /** Stays a learner: gets the log, and has no say. */
  readonly learner?: boolean;
  /** Answer once it is what it is to become, or when the time is up. */
  readonly wait?: boolean;
}

/** Asks about members and changes them. Every call's **errors**: `ClientError`. */
export class Members {
  constructor(private readonly calls: Calls) {}

  async list(options: CallOptions = {}): Promise<MembersAnswer> {
    const send = ({ api, ...asked }: Attempt) => api.v1.cluster.members.get(asked);
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  async get(id: number, options: CallOptions = {}): Promise<MemberAnswer> {
    const send = ({ api, ...asked }: Attempt) => api.v1.cluster.members({ id }).get(asked);
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /** Adds a node at its `host:port` for peers: a learner, promoted by itself once it keeps up. */
  async add(
    id: number,
    peerAddress: string,
    options: AddMemberOptions = {},
  ): Promise<MemberAnswer> {
    const asked = given({ learner: options.learner, wait: options.wait });
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1.cluster.members.post(
        { id, peer_address: peerAddress },
        { query: { ...query, ...asked }, fetch },
      );
    return (await this.change(send, options)).data;
  }

  /** Makes a voter of a learner that stays one otherwise. */
  async promote(id: number, options: CallOptions = {}): Promise<MemberAnswer> {
    const send = ({ api, ...asked }: Attempt) =>
      api.v1.cluster.members({ id }).put({ learner: false }, asked);
    return (await this.change(send, options)).data;
  }

  /** Has the others dial a member elsewhere. */
  async move(id: number, peerAddress: string, options: CallOptions = {}): Promise<MemberAnswer> {
    const send = ({ api, ...asked }: Attempt) =>
      api.v1.cluster.members({ id }).put({ peer_address: peerAddress }, asked);
    return (await this.change(send, options)).data;
  }

  /** Removes a member for good; `force`: even if those who are left are no reachable majority. */
  async remove(
    id: number,
    options: CallOptions & { readonly force?: boolean } = {},
  ): Promise<RemovedAnswer> {
    const forced = given({ force: options.force });
    const send = ({ api, fetch, query }: Attempt) =>
      api.v1.cluster.members({ id }).delete(undefined, { query: { ...query, ...forced }, fetch });
    return (await this.change(send, options)).data;
  }

  /** A change of the cluster: whoever asks twice might change it twice. */
  private change<Replied extends Reply>(
    send: (attempt: Attempt) => Promise<Replied>,
    options: CallOptions,
  ) {
    return this.calls.run({ repetition: "once", isLong: true, send }, options);
  }
}
