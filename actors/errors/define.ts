/** What a registry entry knows of an error: how REST shows it and how it is said. */
export interface ErrorDefinition<P> {
  /** HTTP status when the error reaches a REST caller. */
  readonly status: number;
  /** One sentence: what was wrong and where. */
  readonly says: (params: P) => string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

/** Declares a registry entry whose message takes the parameters `P`. */
export const define = <P = Record<never, never>>(
  status: number,
  says: (params: P) => string,
  remedy: string,
): ErrorDefinition<P> => ({ status, says, remedy });
