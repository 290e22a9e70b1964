/** server: the HTTP API, the command line and the two ways to run the stack. */
export { startApi } from './api/index.ts';
export { type RunningTown, startTown, type TownOptions } from './town.ts';
