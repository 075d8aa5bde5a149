import { TandemError } from '@tandem/actors/errors';
import { headerKey, isListHeader } from './header-names.ts';
import { ownText } from './own-text.ts';
import { splitOutside, TOKEN, trimSpace } from './syntax.ts';

interface Field {
  /** As it was received or set. */
  readonly name: string;
  readonly key: string;
  /** All of the field's value; a list header's may have several elements. */
  readonly value: string;
}

/**
 * The header fields of one message, in order (RFC 3261, 7.3). Names are found in any case and in their compact form.
 * Fields that are lists (Via, Route, Contact, Supported and the like) are read element by element, so it does not
 * matter whether the peer wrote one field with commas or several.
 */
export class HeaderFields {
  readonly #fields: Field[] = [];

  /** Number of fields; a list in one field counts once. */
  get size(): number {
    return this.#fields.length;
  }

  /** Characters of all names and values. */
  get characters(): number {
    return this.#fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  }

  /** Characters of the values of some fields, by lower-case long name. */
  charactersOf(names: ReadonlySet<string>): number {
    return this.#fields.reduce((sum, { key, value }) => (names.has(key) ? sum + value.length : sum), 0);
  }

  has(name: string): boolean {
    const key = headerKey(name);
    return this.#fields.some((field) => field.key === key);
  }

  /** The first value, of a list header the first element. */
  get(name: string): string | undefined {
    const key = headerKey(name);
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      if (!isListHeader(key) || !field.value.includes(',')) return field.value;
      return splitOutside(field.value, ',')[0];
    }
    return undefined;
  }

  /** All values in order, of a list header all elements; none when the field is not there or its list is empty. */
  all(name: string): string[] {
    const key = headerKey(name);
    const values: string[] = [];
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      if (!isListHeader(key)) values.push(field.value);
      else if (field.value !== '') values.push(...splitOutside(field.value, ','));
    }
    return values;
  }

  /**
   * Visits, in order, the values of the fields that a table has an entry for, lists element by element.
   * @param table by lower-case long name
   */
  forEachIn<T>(table: ReadonlyMap<string, T>, visit: (entry: T, value: string) => void): void {
    for (const { key, value } of this.#fields) {
      const entry = table.get(key);
      if (entry === undefined) continue;
      if (!isListHeader(key)) visit(entry, value);
      else if (value !== '') for (const element of splitOutside(value, ',')) visit(entry, element);
    }
  }

  /** Replaces every field of this name by one, at the place of the first. @throws sip.unsafe-header */
  set(name: string, value: string): this {
    const field = safeField(name, value);
    const at = this.#fields.findIndex(({ key }) => key === field.key);
    if (at === -1) {
      this.#fields.push(field);
      return this;
    }
    this.#fields[at] = field;
    this.#removeFrom(at + 1, field.key);
    return this;
  }

  /** Replaces the first value, of a list header the first element, and leaves the others. @throws sip.unsafe-header */
  setFirst(name: string, value: string): this {
    const key = headerKey(name);
    const at = this.#fields.findIndex((field) => field.key === key);
    const first = this.#fields[at];
    if (first === undefined) return this.append(name, value);
    const rest = isListHeader(key) ? splitOutside(first.value, ',').slice(1) : [];
    this.#fields[at] = safeField(first.name, [value, ...rest].join(', '));
    return this;
  }

  /** Adds a field after all others. @throws sip.unsafe-header */
  append(name: string, value: string): this {
    this.#fields.push(safeField(name, value));
    return this;
  }

  /** Adds a field before the others of its name, or before all fields when there is none. @throws sip.unsafe-header */
  prepend(name: string, value: string): this {
    const field = safeField(name, value);
    const at = this.#fields.findIndex(({ key }) => key === field.key);
    this.#fields.splice(Math.max(at, 0), 0, field);
    return this;
  }

  /** Removes every field of this name. */
  delete(name: string): this {
    this.#removeFrom(0, headerKey(name));
    return this;
  }

  /** A copy that changes on its own. */
  copy(): HeaderFields {
    const copy = new HeaderFields();
    copy.#fields.push(...this.#fields);
    return copy;
  }

  /** A copy that keeps nothing of the messages that its values were cut out of. */
  ownCopy(): HeaderFields {
    const copy = new HeaderFields();
    for (const { name, key, value } of this.#fields)
      copy.#fields.push({ name: ownText(name), key, value: ownText(value) });
    return copy;
  }

  /** Name and whole value of each field, in order. */
  *[Symbol.iterator](): IterableIterator<readonly [name: string, value: string]> {
    for (const { name, value } of this.#fields) yield [name, value];
  }

  /** Adds a field that the parser has cut out of a message, so that it has no line break. */
  appendParsed(name: string, value: string): void {
    this.#fields.push({ name, key: headerKey(name), value });
  }

  #removeFrom(start: number, key: string): void {
    for (let i = this.#fields.length - 1; i >= start; i--) {
      if (this.#fields[i]!.key === key) this.#fields.splice(i, 1);
    }
  }
}

/** A value with a line break in it would let whoever wrote it add fields of its own. */
const safeField = (name: string, value: string): Field => {
  if (!TOKEN.test(name) || /[\r\n]/.test(value)) throw new TandemError('sip.unsafe-header', { name });
  return { name, key: headerKey(name), value: trimSpace(value) };
};
