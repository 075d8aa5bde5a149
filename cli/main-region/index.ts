export { runApi } from './run-api.ts';
export { runMain } from './run-main.ts';
