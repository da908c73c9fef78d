/** What the machines of a node do, and why it is as it is. */
import type {
  ChartAnswer,
  InspectAnswer,
  LiveAnswer,
  TransitionsAnswer,
  WhyAnswer,
} from "./answers";
import type { Attempt, CallOptions } from "./call";
import type { Calls } from "./calls";
import { type Followed, type FollowOptions, follow } from "./follow";
import { given } from "./given";

export interface TransitionsOptions extends CallOptions {
  /** `raft`, or `replicator/2`, or `replicator` for all of a kind; all machines where absent. */
  readonly machine?: string;
  /** The first number wanted; the oldest that is kept where absent. */
  readonly from?: number;
  /** Up to 1,000; 100 where absent. */
  readonly limit?: number;
}

/** Looks into the node that answers. Every call's **errors**: `ClientError`. */
export class Inspection {
  constructor(private readonly calls: Calls) {}

  /** Every machine, its state and a little of what it knows. */
  async machines(options: CallOptions = {}): Promise<InspectAnswer> {
    const send = ({ api, fetch }: Attempt) => api.v1.inspect.get({ fetch });
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /** A page of what the machines did, and why. */
  async transitions(options: TransitionsOptions = {}): Promise<TransitionsAnswer> {
    const { from, limit, machine } = options;
    const query = given({ from, limit, machine });
    const send = ({ api, fetch }: Attempt) => api.v1.inspect.transitions.get({ query, fetch });
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /**
   * What the machines do from now on, and did before: until the signal is aborted, through every
   * break of the stream. Each node tells its own story; `timeoutMs` is how long one try to hear it
   * may take.
   */
  follow(options: FollowOptions = {}): AsyncGenerator<Followed, void, undefined> {
    return follow(this.calls.apart(), options);
  }

  /** The definition of a machine: `raft` where none is named. */
  async chart(machine = "raft", options: CallOptions = {}): Promise<ChartAnswer> {
    const send = ({ api, fetch }: Attempt) =>
      api.v1.inspect.chart.get({ query: { machine }, fetch });
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /** How fast the node goes, and where its peers stand. */
  async live(options: CallOptions = {}): Promise<LiveAnswer> {
    const send = ({ api, fetch }: Attempt) => api.v1.inspect.live.get({ fetch });
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }

  /** Why there is no leader, why writes wait, what keeps a follower behind: in sentences. */
  async why(options: CallOptions = {}): Promise<WhyAnswer> {
    const send = ({ api, fetch }: Attempt) => api.v1.why.get({ fetch });
    return (await this.calls.run({ repetition: "read", send }, options)).data;
  }
}
