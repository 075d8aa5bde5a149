import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

/** Where in the configuration something is: keys and, in lists, positions from 0. */
export type KeyPath = readonly (string | number)[];

/** Something wrong in a configuration, and what to write instead. */
export interface Problem {
  /** `us1.yaml:3:9`, or the name of an environment variable. */
  readonly place: string;
  /** The key that it is about; empty for the file as a whole. */
  readonly path: KeyPath;
  readonly says: string;
}

/** A YAML file that knows the line and column (from 1) of each of its keys and values. */
export class ConfigSource {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly problems: readonly Problem[];
  /** The file's content as plain data, an empty file's is an empty map; undefined when it is not YAML. */
  readonly data: unknown;

  /** Parses the text and puts the environment's values in the place of `${NAME}`. */
  constructor(file: string, text: string, env: NodeJS.ProcessEnv) {
    this.#file = file;
    this.#text = text;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const problems = [...this.#syntaxProblems(), ...this.#substitute(env)];
    if (this.#document.errors.length === 0) {
      try {
        this.data = this.#document.toJS() ?? {};
      } catch (error) {
        // Aliases that would unfold into more than a configuration can hold.
        problems.push({
          place: this.#at(0),
          path: [],
          says: `this cannot be read: ${(error as Error).message}.`,
        });
      }
    }
    this.problems = problems;
  }

  /** The place of a value; of its nearest parent where it is not there. */
  placeOf(path: KeyPath): string {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) return this.#at(node.range[0]);
    }
    return this.#at(this.#document.contents?.range[0] ?? 0);
  }

  /** The place of a key itself. */
  placeOfKey(path: KeyPath): string {
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
      const range = (pair?.key as Node | undefined)?.range;
      if (range) return this.#at(range[0]);
    }
    return this.placeOf(path);
  }

  /** What was written at a path, as it stands in the file; undefined when nothing or more than a scalar is there. */
  writtenAt(path: KeyPath): string | undefined {
    const node = this.#document.getIn(path, true) as Node | undefined;
    if (!node?.range || isCollection(node)) return undefined;
    return this.#text.slice(node.range[0], node.range[1]) || undefined;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }

  #syntaxProblems(): Problem[] {
    return [...this.#document.errors, ...this.#document.warnings].map((error) => {
      const { line } = this.#lines.linePos(error.pos[0]);
      const around = this.#text.split('\n')[line - 1] ?? '';
      const hint = /[^"'$]\$\{/.test(around) ? '; within { } write "${NAME}" in quotes' : '';
      return { place: this.#at(error.pos[0]), path: [], says: `this is not YAML: ${error.message}${hint}.` };
    });
  }

  #substitute(env: NodeJS.ProcessEnv): Problem[] {
    const missing: Problem[] = [];
    visit(this.#document, {
      Scalar: (key, node) => {
        if (typeof node.value !== 'string' || key === 'key') return;
        node.value = node.value.replace(/\$(\$?)\{([^}]*)\}/g, (whole, escaped: string, name: string) => {
          if (escaped) return whole.slice(1);
          const value = env[name];
          if (value === undefined) {
            missing.push({
              place: this.#at(node.range?.[0] ?? 0),
              path: [],
              says: `the environment has no variable ${name}; set it, or write $\${${name}} if the text is meant.`,
            });
          }
          return value ?? whole;
        });
      },
    });
    return missing;
  }
}
