/** A copy of a text that was cut out of a longer one: the cut alone would keep all of that for as long as it is kept. */
export const ownText = (text: string): string => Buffer.from(text).toString();
