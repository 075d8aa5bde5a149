/**
 * The four transaction machines as tables: RFC 3261, figures 5 to 8, with the Accepted states of RFC 6026.
 * An event that a state's row does not name is ignored in that state.
 */

/** What happened to a client transaction; a `success` is a 2xx, a `refusal` a 3xx to 6xx. */
export type ClientEvent =
  | 'provisional'
  | 'success'
  | 'refusal'
  /** Timer A or E: no answer yet, over an unreliable transport. */
  | 'repeat'
  /** Timer B or F: no answer at all. Timer D, K or M: stragglers have been waited for. */
  | 'limit'
  | 'broken';

export type ClientState = 'trying' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

export type ClientAction = 'deliver' | 'acknowledge' | 'send' | 'report-timeout' | 'report-broken';

/** What happened to a server transaction; the first three are responses of the transaction user's. */
export type ServerEvent =
  | 'provisional'
  | 'success'
  | 'refusal'
  /** The request came again. */
  | 'request'
  | 'ack'
  /** Timer G: no ACK yet, over an unreliable transport. */
  | 'repeat'
  /** Timer H: no ACK at all. Timer I, J or L: stragglers have been waited for. */
  | 'limit'
  | 'broken';

export type ServerState = 'trying' | 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

export type ServerAction = 'send' | 'send-again' | 'report-no-ack' | 'report-broken';

export interface Step<State, Action> {
  readonly to: State;
  readonly actions: readonly Action[];
}

export type Machine<State extends string, Event extends string, Action> = {
  readonly [S in State]?: { readonly [E in Event]?: Step<State, Action> };
};

const step = <State, Action>(to: State, ...actions: Action[]): Step<State, Action> => ({ to, actions });

export type ClientMachine = Machine<ClientState, ClientEvent, ClientAction>;
export type ServerMachine = Machine<ServerState, ServerEvent, ServerAction>;

/** RFC 3261, figure 5, as amended by RFC 6026, section 7.2. `trying` is the figure's Calling. */
export const clientInvite: ClientMachine = {
  trying: {
    provisional: step('proceeding', 'deliver'),
    success: step('accepted', 'deliver'),
    refusal: step('completed', 'acknowledge', 'deliver'),
    repeat: step('trying', 'send'),
    limit: step('terminated', 'report-timeout'),
    broken: step('terminated', 'report-broken'),
  },
  proceeding: {
    provisional: step('proceeding', 'deliver'),
    success: step('accepted', 'deliver'),
    refusal: step('completed', 'acknowledge', 'deliver'),
  },
  completed: {
    refusal: step('completed', 'acknowledge'),
    limit: step('terminated'),
    broken: step('terminated'),
  },
  accepted: {
    success: step('accepted', 'deliver'),
    limit: step('terminated'),
  },
};

/** The same for an INVITE that is given up, perhaps of another process: it is not sent again nor waited for without end. */
export const takenUpInvite: ClientMachine = {
  ...clientInvite,
  proceeding: { ...clientInvite.proceeding, limit: step('terminated', 'report-timeout') },
};

/** RFC 3261, figure 6. */
export const clientNonInvite: ClientMachine = {
  trying: {
    provisional: step('proceeding', 'deliver'),
    success: step('completed', 'deliver'),
    refusal: step('completed', 'deliver'),
    repeat: step('trying', 'send'),
    limit: step('terminated', 'report-timeout'),
    broken: step('terminated', 'report-broken'),
  },
  proceeding: {
    provisional: step('proceeding', 'deliver'),
    success: step('completed', 'deliver'),
    refusal: step('completed', 'deliver'),
    repeat: step('proceeding', 'send'),
    limit: step('terminated', 'report-timeout'),
    broken: step('terminated', 'report-broken'),
  },
  completed: {
    limit: step('terminated'),
  },
};

/** RFC 3261, figure 7, as amended by RFC 6026, section 7.1. */
export const serverInvite: ServerMachine = {
  proceeding: {
    provisional: step('proceeding', 'send'),
    success: step('accepted', 'send'),
    refusal: step('completed', 'send'),
    request: step('proceeding', 'send-again'),
    broken: step('terminated', 'report-broken'),
  },
  completed: {
    request: step('completed', 'send-again'),
    repeat: step('completed', 'send-again'),
    ack: step('confirmed'),
    limit: step('terminated', 'report-no-ack'),
    broken: step('terminated', 'report-broken'),
  },
  confirmed: {
    limit: step('terminated'),
  },
  accepted: {
    // The transaction user repeats its 2xx itself until the ACK, which is not this transaction's.
    success: step('accepted', 'send'),
    limit: step('terminated'),
  },
};

/** RFC 3261, figure 8. */
export const serverNonInvite: ServerMachine = {
  trying: {
    provisional: step('proceeding', 'send'),
    success: step('completed', 'send'),
    refusal: step('completed', 'send'),
    broken: step('terminated', 'report-broken'),
  },
  proceeding: {
    provisional: step('proceeding', 'send'),
    success: step('completed', 'send'),
    refusal: step('completed', 'send'),
    request: step('proceeding', 'send-again'),
    broken: step('terminated', 'report-broken'),
  },
  completed: {
    request: step('completed', 'send-again'),
    limit: step('terminated'),
    broken: step('terminated', 'report-broken'),
  },
};

/** Which of the three kinds a status is, to the machines. */
export const responseEvent = (status: number): 'provisional' | 'success' | 'refusal' =>
  status < 200 ? 'provisional' : status < 300 ? 'success' : 'refusal';
