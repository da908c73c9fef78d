import type { Invariant } from "../invariant";

/** Far more than any cluster has to do. Units: events in a second of virtual time. */
const EVENTS_MAX = 50_000;
const SECOND_MS = 1000;

/** L: nobody is so busy that time stands still: a timer that is due at once, again and again. */
export const timeGoesOn: Invariant = {
  name: "L time goes on",
  watch: ({ cluster }, violate) => {
    let sinceMs = 0;
    let events = 0;
    return {
      onEvent() {
        const { nowMs } = cluster.clock;
        events++;
        if (nowMs - sinceMs >= SECOND_MS) {
          sinceMs = nowMs;
          events = 0;
        }
        if (events > EVENTS_MAX) violate(`${events} events in ${nowMs - sinceMs} ms`);
      },
    };
  },
};
