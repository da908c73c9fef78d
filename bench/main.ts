/**
 * `bun run bench`: Balsa and what a user would pick instead, side by side on this machine.
 *
 *   --only set,get   these scenarios; --list names them
 *   --rounds 7       so many rounds; medians are taken over them
 *   --quick          one short round, to see that everything works
 *   --json FILE      results go there, and nothing else is written
 *
 * Without --json the results go to `bench/results/`, with the plots and tables of the README. With
 * --only they take the place of those scenarios' earlier ones. Exit code 0 only if no request
 * failed and no election happened where none should, 2 where something is missing. Data goes to
 * the system's folder for temporary files (TMPDIR).
 */
import { tmpdir } from "node:os";
import { findScenarios } from "./find-scenarios";
import { type BenchFlags, readFlags, USAGE } from "./flags";
import { type Effort, Lab, quickEffort, thoroughEffort } from "./lab";
import { fileSystemOf, machineFacts } from "./machine-facts";
import type { ScenarioResults } from "./measurement";
import { isOnPath, REQUIREMENTS, whatIsMissing, whyNoDisk } from "./preflight";
import { asJson, latestResults, publish, report } from "./report";
import type { Scenario } from "./scenario";

/** Ends the program, for what was asked cannot be. */
function refuse(reason: string): never {
  console.error(reason);
  process.exit(2);
}

function flagsOrRefusal(known: readonly Scenario[]): BenchFlags {
  try {
    return readFlags(
      process.argv.slice(2),
      known.map(({ name }) => name),
    );
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** Runs one in a lab of its own, however the others fare. */
async function runOne(scenario: Scenario, effort: Effort, complaints: string[]) {
  const facts = machineFacts(effort);
  const lab = new Lab(effort, (line) => console.error(line));
  lab.say(`── ${scenario.title}`);
  try {
    await scenario.run(lab);
  } catch (error) {
    lab.complain(`${scenario.name} broke off: ${Bun.inspect(error)}`);
  } finally {
    lab.close();
  }
  complaints.push(...lab.complaints);
  return { facts, measurements: lab.measurements };
}

const known = await findScenarios();
const flags = flagsOrRefusal(known);
const wanted = known.filter(({ name }) => flags.only?.includes(name) ?? true);
if (flags.isListing) {
  for (const { name, title } of known) console.log(`${name.padEnd(16)} ${title}`);
  process.exit(0);
}
const missing = whatIsMissing(REQUIREMENTS, isOnPath);
if (missing !== null) refuse(missing);
const noDisk = whyNoDisk(tmpdir(), fileSystemOf(tmpdir()));
if (noDisk !== null) refuse(noDisk);
// Whatever ends us, by way of `exit` the servers end and their data goes.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const effort = flags.isQuick ? quickEffort(flags.rounds) : thoroughEffort(flags.rounds);
const complaints: string[] = [];
const results: Record<string, ScenarioResults> = {};
for (const scenario of wanted) {
  results[scenario.name] = await runOne(scenario, effort, complaints);
}
console.log(report(results, wanted));
if (flags.jsonFile !== null) await Bun.write(flags.jsonFile, asJson(results));
else await publish({ ...(await latestResults()), ...results }, known);
for (const complaint of complaints) console.error(`ERROR: ${complaint}`);
process.exitCode = complaints.length === 0 ? 0 : 1;
