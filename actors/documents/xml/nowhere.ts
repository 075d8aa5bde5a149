/** Where a document that is in a configuration would be (RFC 2606): what is relative to it is nowhere. */
export const NOWHERE = 'http://static-number.invalid/';

export const isNowhere = (url: string): boolean => url.startsWith(NOWHERE);
