/** members: who takes part, and changes of that. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { MemberAnswer, MembersAnswer } from "../../client/index";
import { readPositive } from "../arguments";
import { type Context, type Run, say } from "../context";
import { withExamples } from "../examples";
import { type Column, renderTable } from "../table";

/** Adds them to `program`. */
export function addMembers(program: CommandUnknownOpts, run: Run): void {
  const members = program.command("members").description("show and change who takes part");
  members
    .command("list", { isDefault: true })
    .description("show them (what `balsa members` alone does)")
    .action(() =>
      run(async (context) => {
        const answer = await context.client.members.list({ signal: context.signal });
        return say(context, answer, () => renderMembers(answer, context));
      }),
    );
  addAdd(members, run);
  addChanges(members, run);
  withExamples(members, [
    "balsa members",
    "balsa members add 4 127.0.0.1:9084 --wait --timeout 1m",
    "balsa members remove 1",
  ]);
}

function addAdd(members: CommandUnknownOpts, run: Run): void {
  const add = members
    .command("add")
    .description("add a node: a learner first, promoted by itself once it keeps up")
    .argument("<id>", "a number that no node has ever had", readPositive)
    .argument("<peer-address>", "host:port of its peer port")
    .option("--learner", "stays one: gets the log, and has no say")
    .option("--wait", "until it is what it is to become, or the time is up")
    .action((id, peerAddress, { learner, wait }) =>
      run(async (context) => {
        const options = {
          ...(learner === true && { learner }),
          ...(wait === true && { wait }),
          signal: context.signal,
        };
        return tell(context, await context.client.members.add(id, peerAddress, options));
      }),
    );
  withExamples(add, [
    "balsa members add 4 127.0.0.1:9084",
    "balsa members add 5 127.0.0.1:9085 --learner",
    "balsa members add 4 127.0.0.1:9084 --wait --timeout 1m",
  ]);
}

function addChanges(members: CommandUnknownOpts, run: Run): void {
  members
    .command("promote")
    .description("make a voter of a learner that stays one otherwise")
    .argument("<id>", "the learner", readPositive)
    .action((id) =>
      run(async (context) => {
        const { client, signal } = context;
        return tell(context, await client.members.promote(id, { signal }));
      }),
    );
  members
    .command("move")
    .description("have the others dial a member elsewhere")
    .argument("<id>", "the member", readPositive)
    .argument("<peer-address>", "host:port of its peer port")
    .action((id, peerAddress) =>
      run(async (context) => {
        const { client, signal } = context;
        return tell(context, await client.members.move(id, peerAddress, { signal }));
      }),
    );
  members
    .command("remove")
    .description("remove a member for good, the leader too: its id is never used again")
    .argument("<id>", "the member", readPositive)
    .option("--force", "even if those who are left are no reachable majority")
    .action((id, { force }) =>
      run(async (context) => {
        const { client, signal } = context;
        const options = { ...(force === true && { force }), signal };
        const answer = await client.members.remove(id, options);
        const isPending = answer.committed === false;
        const rest = isPending ? "; it holds once enough of those who are left answer" : "";
        return say(context, answer, () => `node ${id} is removed${rest}\n`);
      }),
    );
}

const tell = (context: Context, member: MemberAnswer): Promise<undefined> =>
  say(context, member, () => `node ${member.id} at ${member.peer_address}: ${standing(member)}\n`);

/** In a word or two. */
function standing({ state, stays_learner }: MemberAnswer): string {
  if (state === "voter") return "voter";
  if (stays_learner) return state === "joining" ? "learner, not met yet" : "learner";
  return state === "joining" ? "not met yet" : "learner, to be promoted";
}

function renderMembers(answer: MembersAnswer, context: Context): string {
  const { paint } = context;
  const { committed, index, leader_id, members, removed } = answer;
  const columns: readonly Column<MemberAnswer>[] = [
    { heading: "NODE", cell: ({ id }) => `${id}`, isNumber: true },
    { heading: "STATE", cell: standing },
    {
      heading: "HEALTH",
      cell: ({ healthy, id }) => (healthy ? (id === leader_id ? "leads" : "healthy") : "silent"),
      paint: (text, { healthy }) => paint(healthy ? "green" : "red", text),
    },
    { heading: "LAST", cell: ({ last_log_index }) => `${last_log_index ?? "-"}`, isNumber: true },
    { heading: "PEER ADDRESS", cell: ({ peer_address }) => peer_address },
    { heading: "API ADDRESS", cell: ({ address }) => address ?? "-" },
  ];
  const since = index === 0 ? "As founded" : `As of entry ${index}`;
  const head = `${since}${committed ? "" : ", which is not committed yet"}\n\n`;
  const gone = removed.length === 0 ? "" : `\nRemoved for good: ${removed.join(", ")}\n`;
  return head + renderTable(members, columns, context) + gone;
}
