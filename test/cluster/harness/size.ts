/** How large the stories about much data are: a tenth or so in the suite, all of it on request. */
export const isFullSize = process.env.BALSA_FULL_SIZE === "1";

/** `full` with `BALSA_FULL_SIZE=1`, else `usual`. */
export const sized = (usual: number, full: number): number => (isFullSize ? full : usual);
