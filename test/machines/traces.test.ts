/**
 * Figures 7 and 8 of the Raft paper, played by the machines and kept as text in `traces/`.
 * `UPDATE_TRACES=1 bun test test/machines/traces.test.ts` writes them anew: read the difference.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Letter, Story } from "./story";

async function expectTrace(name: string, text: string): Promise<void> {
  const path = join(import.meta.dir, "traces", `${name}.txt`);
  if (process.env.UPDATE_TRACES === "1") await Bun.write(path, text);
  expect(text).toBe(await Bun.file(path).text());
}

const isAppend = ({ message }: Letter) => message.type === "AppendEntries";
const isReply = ({ message }: Letter) => message.type === "AppendEntriesReply";
const concerns =
  (...names: readonly string[]) =>
  ({ from, to }: Letter) =>
    names.includes(from) || names.includes(to);
const carriesTerm =
  (term: number) =>
  ({ message }: Letter) =>
    message.type === "AppendEntries" && message.entries.some((entry) => entry.term === term);

test("figure 7: followers whose logs lack entries, have extra ones or both converge", async () => {
  const story = new Story({
    logs: {
      leader: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
      "(a)": [1, 1, 1, 4, 4, 5, 5, 6, 6],
      "(b)": [1, 1, 1, 4],
      "(c)": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
      "(d)": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
      "(e)": [1, 1, 1, 4, 4, 4, 4],
      "(f)": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    },
    term: 7,
    commitIndex: 0,
  });
  story.say(
    'Raft figure 7: "When the leader at the top comes to power, it is possible that any of',
    'scenarios (a)–(f) could occur in follower logs." Numbers are terms; 11/8 is index 11, term 8.',
  );
  story.showLogs();
  story.say(
    "The leader of term 8 is elected: (c) and (d) have better logs and refuse; the others are,",
    "with the leader itself, five of seven. No term changes before they have said that they would.",
  );
  story.timeOut("leader");
  story.deliver({ waits: isAppend });
  story.say(
    "Its first entry fits (c) and (d), whose extra ones give way. The others are led back to where",
    "the logs agree, one round trip for each conflicting term: (a) and (b) are short; (e) is short",
    "and then differs in term 4; (f) differs in term 3, then in term 2.",
  );
  story.deliver();
  story.say(
    "With the next heartbeat everyone learns what is committed, and all logs are the same.",
  );
  story.beat("leader");
  story.deliver();
  story.showLogs();
  await expectTrace("figure-7", story.takeText());
});

/**
 * The figure's (a) to (c). In the figure S4 lacks 2/2 at (c). Here it gets it too, or S1 would know
 * of no majority to be tempted by: from S2 it would hear only once S2 has taken 3/4.
 */
function untilC(): Story {
  const logs = { S1: [1], S2: [1], S3: [1], S4: [1], S5: [1] };
  const story = new Story({ logs, term: 1, commitIndex: 1 }, { isOneByOne: true });
  story.say(
    "Raft figure 8: why an entry of an earlier term is not committed by counting. Numbers are",
    "terms; 2/3 is index 2, term 3.",
  );
  story.showLogs();
  story.say("(a) S1 is leader of term 2 and replicates its entry at 2 to S2 only.");
  story.timeOut("S1");
  story.deliver({ isLost: (letter) => isAppend(letter) && letter.to !== "S2" });
  story.crash("S1");
  story.showLogs();

  story.say("(b) S5 is elected for term 3 by S3, S4 and itself; its entry at 2 reaches nobody.");
  story.timeOut("S5");
  story.deliver({ isLost: isAppend });
  story.crash("S5");
  story.showLogs();

  story.say(
    "(c) S1 restarts, learns of term 3 and is elected for term 4. It goes on replicating 2/2, now",
    "to S3 and S4 as well; its own 3/4 reaches nobody who could take it yet.",
  );
  story.restart("S1");
  story.timeOut("S1");
  story.deliver();
  story.timeOut("S1");
  story.deliver({
    isLost: (letter) => carriesTerm(4)(letter) && letter.to === "S2",
    waits: isReply,
  });
  story.deliver({ isLost: carriesTerm(4) });
  story.say(
    "2/2 is on S1 to S4, and S1 knows it of itself, S3 and S4, a majority. It is not committed: it",
    "is of term 2.",
  );
  story.showLogs();
  return story;
}

/** The figure's (d): S5 may still be elected, and overwrite it. */
function untilD(story: Story): Story {
  story.say(
    "(d) S1 crashes, S5 restarts. S2, S3 and S4 elect it for term 5, for its log ends in 3.",
  );
  story.crash("S1");
  story.restart("S5");
  story.timeOut("S5");
  story.deliver();
  story.timeOut("S5");
  story.deliver();
  story.say(
    "Its 2/3 takes the place of 2/2, on S1 too when it is back. Nothing had been promised.",
  );
  story.restart("S1");
  story.beat("S5");
  story.deliver();
  story.showLogs();
  return story;
}

/** The figure's (e): with an entry of its own term S1 commits both, for good. */
function untilE(story: Story): Story {
  story.takeText();
  story.say("(e) Again from (c): S1 gets 3/4 to S2 and S3 before it crashes. Both are committed.");
  story.beat("S1");
  story.deliver({ isLost: concerns("S4") });
  story.crash("S1");
  story.showLogs();
  story.say("S5 restarts and cannot win: S2 and S3 hold an entry of term 4, later than its own.");
  story.restart("S5");
  story.timeOut("S5");
  story.deliver();
  story.timeOut("S5");
  story.deliver();
  story.say("S2 can, and its log holds all that was committed.");
  story.timeOut("S2");
  story.deliver();
  story.beat("S2");
  story.deliver();
  story.showLogs();
  return story;
}

test("figure 8: an entry of an earlier term is not committed by counting", async () => {
  const text = `${untilD(untilC()).takeText()}\n${untilE(untilC()).takeText()}`;
  await expectTrace("figure-8", text);
});
