/** Sorts by name, in the order of code units: the same everywhere, whatever the locale. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
