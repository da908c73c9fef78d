/**
 * The same node as `src/main.ts`, on a disk that can be made slow while it runs: SIGUSR2 has every
 * data sync from then on take 20 ms longer, and the next one ends that.
 */
import { DataDirectory } from "../src/actors/bun/files";
import { main } from "../src/main";

/** A disk that turns, under load. Units: ms. */
const SYNC_DELAY_MS = 20;

let delayMs = 0;
process.on("SIGUSR2", () => {
  delayMs = delayMs === 0 ? SYNC_DELAY_MS : 0;
});

const { open } = DataDirectory.prototype;
DataDirectory.prototype.open = function slowlySynced(name, options) {
  const file = open.call(this, name, options);
  const dataSync = file.dataSync.bind(file);
  const startDataSync = file.startDataSync.bind(file);
  file.dataSync = () => {
    dataSync();
    Bun.sleepSync(delayMs);
  };
  file.startDataSync = (done) =>
    startDataSync((error) => {
      if (delayMs === 0) done(error);
      else setTimeout(() => done(error), delayMs);
    });
  return file;
};

process.exitCode = await main(process.argv.slice(2));
