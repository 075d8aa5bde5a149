import { TandemError } from '@tandem/actors/errors';
import type { DialogSession, IncomingInvite, OutgoingInvite, UserAgent } from './dialog/index.ts';

/** Where a call goes on to, and as whose; what is absent is as it came in. */
export type OnwardRoute = Pick<OutgoingInvite, 'uri' | 'proxy' | 'credentials' | 'timeout'> &
  Partial<Pick<OutgoingInvite, 'from' | 'facts'>>;

export interface BackToBackOptions {
  readonly agent: UserAgent;
  /** Undefined refuses the call with 404. */
  readonly route: (invite: IncomingInvite) => OnwardRoute | undefined;
}

/** One of the two sessions of a call. */
interface Side {
  readonly session: DialogSession;
  /** The SDP that the peer sent last. */
  sdp: string | undefined;
}

/**
 * A plain back-to-back user agent: joins each call that comes in with one that it places, and passes on what either
 * peer does. SDP goes through as it is, so media flows between the peers.
 */
export class BackToBackAgent {
  readonly #options: BackToBackOptions;
  #placed = 0;
  #calls = 0;

  constructor(options: BackToBackOptions) {
    this.#options = options;
    options.agent.onInvite((invite) => this.#join(invite));
  }

  /** Calls that have been taken and are not over. */
  get calls(): number {
    return this.#calls;
  }

  #join(invite: IncomingInvite): void {
    const { session: caller, sdp, facts } = invite;
    const { maxForwards } = facts;
    const route = this.#options.route(invite);
    if (route === undefined || sdp === undefined) {
      // Without an offer there is nothing to call on with: no media is ours to offer.
      caller.reject(route === undefined ? 404 : 488);
      return;
    }
    const callee = this.#options.agent.invite({
      from: invite.from,
      facts: { ...facts, maxForwards: maxForwards === undefined ? undefined : maxForwards - 1 },
      ...route,
      id: `onward-${++this.#placed}`,
      sdp,
    });
    this.#calls++;
    const [inside, outside]: [Side, Side] = [
      { session: caller, sdp },
      { session: callee, sdp: undefined },
    ];
    const over = (): void => {
      this.#calls--;
    };
    caller
      .on('cancelled', ({ reason }) => {
        over();
        callee.cancel(reason);
      })
      .on('failed', () => {
        if (callee.over) return;
        over();
        void callee.bye();
      });
    callee
      .on('progress', ({ sdp: early }) => caller.ring(early))
      .on('answered', ({ sdp: answer }) => {
        outside.sdp = answer;
        caller.answer(answer);
      })
      .on('refused', ({ status }) => {
        if (caller.over) return;
        over();
        caller.reject(status);
      })
      .on('failed', ({ code }) => {
        if (caller.over) return;
        over();
        // A call that has been answered is ended with BYE.
        caller.reject(code === 'sip.timeout' ? 408 : 503);
      });
    this.#pass(inside, outside);
    this.#pass(outside, inside);
  }

  /** What happens to one side in an established call goes to the other. */
  #pass(from: Side, to: Side): void {
    from.session
      .on('ended', ({ reason }) => {
        if (to.session.over) return;
        this.#calls--;
        void to.session.bye(reason);
      })
      .on('offer', ({ sdp }) => {
        if (sdp !== undefined) this.#offerOn(from, to, sdp);
        else if (to.sdp !== undefined) from.session.acceptOffer(to.sdp);
        else from.session.refuseOffer(488);
      })
      .on('confirmed', ({ sdp }) => {
        // The answer to an offer that the peer asked for: it may differ from what the other side knows.
        if (sdp === undefined || sdp === from.sdp) return;
        from.sdp = sdp;
        to.session.offer(sdp).catch(() => {});
      })
      .on('digit', ({ digit, duration }) => to.session.sendDigit(digit, duration));
  }

  #offerOn(from: Side, to: Side, sdp: string): void {
    to.session.offer(sdp).then(
      (answer) => {
        from.sdp = sdp;
        to.sdp = answer;
        from.session.acceptOffer(answer);
      },
      (error: unknown) => {
        const params = error instanceof TandemError ? (error.params as { status?: number }) : {};
        from.session.refuseOffer(params.status ?? 488);
      },
    );
  }
}
