/** One thing to be played. */
export type PlayItem =
  | { readonly speech: { readonly text: string; readonly voice?: string; readonly language?: string } }
  | { readonly file: { readonly url: string } }
  | { readonly tone: { readonly name: string } }
  /** Milliseconds. */
  | { readonly silence: number };
