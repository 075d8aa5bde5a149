/** Whole numbers below `most` that look like chance and are the same each time (Numerical Recipes' generator). */
export function chance(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

/** Bytes that are in no message, or in other places of it. */
const ODD = ['\0', '\r\n', '<', '>', '"', ';', ',', '%', '\xff', ':', '=', ' ', '\t', '9'.repeat(40), '@'];

/** Some bytes are left out, put twice, or replaced. */
export function broken(message: string, draw: (most: number) => number): string {
  let text = message;
  for (let changes = 1 + draw(4); changes > 0; changes--) {
    const at = draw(text.length);
    const to = at + 1 + draw(12);
    const inserted = [ODD[draw(ODD.length)]!, text.slice(at, to).repeat(3), ''][draw(3)]!;
    text = text.slice(0, at) + inserted + text.slice(to);
  }
  return text;
}
