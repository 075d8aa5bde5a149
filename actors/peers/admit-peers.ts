import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { commonName, type LinkTls } from './tls.ts';

/** What strangers and peers may hold of a port. */
export interface AdmissionLimits {
  /** Milliseconds from TCP connect to the end of the TLS handshake, however slowly bytes come meanwhile. */
  readonly handshake: number;
  /** Connections that have shown no certificate yet, of all addresses. */
  readonly strangers: number;
  /** The same of one address. */
  readonly strangersOfAddress: number;
  /** Connections with certificates of one common name. */
  readonly ofName: number;
}

/**
 * A handshake takes three round trips and a signature, so a second at most. A region has 250 gateways at the most,
 * whose connections may all come through its border, and as many again while they are opened anew.
 */
export const admissionLimits: AdmissionLimits = {
  handshake: 5000,
  strangers: 512,
  strangersOfAddress: 64,
  ofName: 600,
};

/** The TLS of a port: who has shown a certificate of the authority is handed on, and nobody else. */
export interface Admission {
  /** Takes a TCP connection. */
  take(socket: Socket): void;
  /** Connections that have shown no certificate yet. */
  readonly strangers: number;
  close(): void;
}

interface Stranger {
  readonly socket: Socket;
  readonly address: string;
  readonly deadline: NodeJS.Timeout;
}

/**
 * Whoever reaches the port may open a connection and say nothing, so those who have not proved who they are are counted
 * apart from peers and live for a handshake. When there are too many of them it is the oldest that goes, of the address
 * that has most: it had the longest time to show its certificate, while a peer needs only a moment.
 */
export function admitPeers(
  tls: LinkTls,
  onPeer: (socket: TLSSocket) => void,
  limits: AdmissionLimits = admissionLimits,
): Admission {
  /** By address and port, the oldest first. */
  const strangers = new Map<string, Stranger>();
  const countOf = new Map<string, number>();
  const peersOf = new Map<string, number>();

  function forget(key: string): void {
    const stranger = strangers.get(key);
    if (!stranger) return;
    clearTimeout(stranger.deadline);
    strangers.delete(key);
    decrement(countOf, stranger.address);
  }

  function turnAway(key: string): void {
    const socket = strangers.get(key)?.socket;
    forget(key);
    socket?.destroy();
  }

  function turnAwayOldestOf(address: string): void {
    const oldest = [...strangers].find(([, stranger]) => stranger.address === address);
    if (oldest) turnAway(oldest[0]);
  }

  function addressWithMost(): string {
    let most = { address: '', count: 0 };
    for (const [address, count] of countOf) if (count > most.count) most = { address, count };
    return most.address;
  }

  const server = createServer({
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
  });
  // The socket is destroyed by the server; what was wrong with a stranger concerns nobody.
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    forget(keyOf(socket));
    const name = commonName(socket.getPeerCertificate());
    const count = peersOf.get(name) ?? 0;
    if (socket.destroyed || count >= limits.ofName) return void socket.destroy();
    peersOf.set(name, count + 1);
    socket.on('close', () => decrement(peersOf, name));
    socket.on('error', () => socket.destroy());
    onPeer(socket);
  });

  return {
    take(socket) {
      const address = socket.remoteAddress;
      if (address === undefined) return void socket.destroy();
      const key = keyOf(socket);
      const count = countOf.get(address) ?? 0;
      if (count >= limits.strangersOfAddress) turnAwayOldestOf(address);
      else if (strangers.size >= limits.strangers) turnAwayOldestOf(addressWithMost());
      const deadline = setTimeout(() => turnAway(key), limits.handshake);
      strangers.set(key, { socket, address, deadline });
      countOf.set(address, (countOf.get(address) ?? 0) + 1);
      socket.on('error', () => socket.destroy()).on('close', () => forget(key));
      server.emit('connection', socket);
    },
    get strangers() {
      return strangers.size;
    },
    close() {
      for (const key of [...strangers.keys()]) turnAway(key);
    },
  };
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

function decrement(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
