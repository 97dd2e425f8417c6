/** The environment variable that tells a profiled process where its profile goes. */
export const PROFILE_VARIABLE = 'WHEELWRIGHT_BENCH_PROFILE';
