/** Who calls, to applications and called parties, when a caller does not want to be known (RFC 3323). */
export const ANONYMOUS = 'anonymous';
