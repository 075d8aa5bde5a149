import { TandemError } from '@tandem/actors/errors';

export interface ServiceOffer {
  /** Sessions at once. */
  readonly capacity: number;
}

export interface ServiceLoad {
  readonly name: string;
  readonly sessions: number;
  readonly healthy: boolean;
}

/** The media services of a gateway, and who uses them. What is configured is there; nothing else is. */
export class ServiceTable {
  readonly #offers: Readonly<Record<string, ServiceOffer>>;
  readonly #users = new Map<string, Set<string>>();

  constructor(offers: Readonly<Record<string, ServiceOffer>>) {
    this.#offers = offers;
  }

  /**
   * Begins a session of a service; again for the same user is the same session.
   *
   * @throws media.no-service, media.service-full
   */
  begin(service: string, user: string): void {
    const offer = this.#offers[service];
    if (!offer) throw new TandemError('media.no-service', { service });
    const users = this.#users.get(service) ?? new Set();
    this.#users.set(service, users);
    if (!users.has(user) && users.size >= offer.capacity)
      throw new TandemError('media.service-full', { service, capacity: offer.capacity });
    users.add(user);
  }

  end(service: string, user: string): void {
    this.#users.get(service)?.delete(user);
  }

  loads(): ServiceLoad[] {
    return Object.keys(this.#offers).map((name) => ({
      name,
      sessions: this.#users.get(name)?.size ?? 0,
      healthy: true,
    }));
  }
}
