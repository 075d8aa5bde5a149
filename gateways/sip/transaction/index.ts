export type { ClientTransaction } from './client-transaction.ts';
export { Repeater } from './repeater.ts';
export type { ServerTransaction } from './server-transaction.ts';
export { patience, standardTimers, type TimerValues } from './timers.ts';
export { TransactionLayer, type TransactionUser } from './transaction-layer.ts';
export { standardLimits, type TransactionLimits } from './transaction-quota.ts';
export { refusalHeaders, type Unavailable } from './unavailable.ts';
