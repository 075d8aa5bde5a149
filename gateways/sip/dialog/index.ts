export { factFields, factsOf } from './call-facts.ts';
export { callingParty, identityUri, partyOf } from './caller-identity.ts';
export { DialogClient } from './dialog-client.ts';
export { IncomingSession } from './incoming-session.ts';
export { OutgoingSession } from './outgoing-session.ts';
export { OwnCallIds } from './own-call-id.ts';
export { RestoredSession } from './restored-session.ts';
export type {
  AgentCounters,
  ClientSession,
  DialogSession,
  IncomingInvite,
  OutgoingInvite,
  ServerSession,
  SessionEvents,
  SessionListener,
  TakenUp,
  UserAgent,
} from './session.ts';
export { allow, type HostedSession, type SessionHost, supported } from './session-host.ts';
export { readSessionTimer } from './session-refresher.ts';
export { answerAsServer, type SessionTimerPolicy, standardSessionTimer } from './session-timer.ts';
export { endStrayDialog } from './stray-dialog.ts';
export { type Capabilities, validateRequest } from './validate-request.ts';
export { withdrawInvite } from './withdraw-invite.ts';
