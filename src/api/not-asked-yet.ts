/** What the hooks know of a request, before it has come; a fresh copy goes with each. */
export const notAskedYet: { startedAtMs: number; origin: string | null } = {
  /** By the monotonic clock of the API. */
  startedAtMs: 0,
  origin: null,
};
