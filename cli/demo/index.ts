export { Distance, readRoundTrips } from './distance/index.ts';
export { runDemo } from './run-demo.ts';
