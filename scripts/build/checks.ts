/** What a build warns of. How long plugins took on a busy machine is not a fault that a newcomer could mend. */
export const CHECKS = { bundlerTimings: false };
