/** Every kind of action. A new fault or command is a file and a line here. */
import type { ActionKind } from "../scenario";
import { addMember } from "./add-member";
import { behind } from "./behind";
import { changeInVain } from "./change-in-vain";
import { clog } from "./clog";
import { comeBack } from "./come-back";
import { crash } from "./crash";
import { crashAll } from "./crash-all";
import { crashWithin } from "./crash-within";
import { cutTail } from "./cut-tail";
import { failedSync } from "./failed-sync";
import { fullDisk } from "./full-disk";
import { handOver } from "./hand-over";
import { hungDisk } from "./hung-disk";
import { isolateElected } from "./isolate-elected";
import { list } from "./list";
import { misuse } from "./misuse";
import { moveMember } from "./move-member";
import { partition } from "./partition";
import { pause } from "./pause";
import { promoteMember } from "./promote-member";
import { quarrel } from "./quarrel";
import { read } from "./read";
import { readLog } from "./read-log";
import { readOnlyDisk } from "./read-only-disk";
import { readStale } from "./read-stale";
import { refusedAppend } from "./refused-append";
import { removeAtEdge } from "./remove-at-edge";
import { removeMember } from "./remove-member";
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
  addMember,
  removeMember,
  promoteMember,
  moveMember,
  comeBack,
  handOver,
  quarrel,
  removeAtEdge,
  changeInVain,
];
