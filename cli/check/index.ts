export { check } from './check.ts';
export { ofJest, sayTotals } from './totals.ts';
