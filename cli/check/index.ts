export { check } from './check.ts';
export { formatTotals, ofJest } from './totals.ts';
