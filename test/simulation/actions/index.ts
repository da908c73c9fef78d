/** Every kind of action. A new fault or command is a file and a line here. */
import type { ActionKind } from "../scenario";
import { behind } from "./behind";
import { clog } from "./clog";
import { crash } from "./crash";
import { crashAll } from "./crash-all";
import { crashWithin } from "./crash-within";
import { cutTail } from "./cut-tail";
import { failedSync } from "./failed-sync";
import { fullDisk } from "./full-disk";
import { hungDisk } from "./hung-disk";
import { isolateElected } from "./isolate-elected";
import { list } from "./list";
import { misuse } from "./misuse";
import { partition } from "./partition";
import { pause } from "./pause";
import { read } from "./read";
import { readLog } from "./read-log";
import { readOnlyDisk } from "./read-only-disk";
import { readStale } from "./read-stale";
import { refusedAppend } from "./refused-append";
import { resetLink } from "./reset-link";
import { retry } from "./retry";
import { rot } from "./rot";
import { rotNewest } from "./rot-newest";
import { rotSlot } from "./rot-slot";
import { rotSnapshot } from "./rot-snapshot";
import { shortWrites } from "./short-writes";
import { slowDisk } from "./slow-disk";
import { snapshot } from "./snapshot";
import { stop } from "./stop";
import { stranger } from "./stranger";
import { transfer } from "./transfer";
import { weather } from "./weather";
import { wipe } from "./wipe";
import { write } from "./write";
import { wrongClock } from "./wrong-clock";

export const actionKinds: readonly ActionKind[] = [
  write,
  read,
  retry,
  list,
  readLog,
  readStale,
  misuse,
  snapshot,
  transfer,
  crash,
  crashAll,
  crashWithin,
  pause,
  partition,
  isolateElected,
  weather,
  resetLink,
  slowDisk,
  clog,
  cutTail,
  failedSync,
  fullDisk,
  hungDisk,
  readOnlyDisk,
  refusedAppend,
  rot,
  rotSnapshot,
  behind,
  rotNewest,
  rotSlot,
  shortWrites,
  stop,
  stranger,
  wipe,
  wrongClock,
];
