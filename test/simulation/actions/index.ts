/** Every kind of action. A new fault or command is a file and a line here. */
import type { ActionKind } from "../scenario";
import { crash } from "./crash";
import { crashAll } from "./crash-all";
import { crashWithin } from "./crash-within";
import { partition } from "./partition";
import { pause } from "./pause";
import { read } from "./read";
import { resetLink } from "./reset-link";
import { retry } from "./retry";
import { slowDisk } from "./slow-disk";
import { transfer } from "./transfer";
import { weather } from "./weather";
import { write } from "./write";
import { wrongClock } from "./wrong-clock";

export const actionKinds: readonly ActionKind[] = [
  write,
  read,
  retry,
  transfer,
  crash,
  crashAll,
  crashWithin,
  pause,
  partition,
  weather,
  resetLink,
  slowDisk,
  wrongClock,
];
