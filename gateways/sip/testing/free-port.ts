import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of loopback that nobody has now over TCP and UDP, below those that the system hands out. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_500, 32_700);
    const tcp = createServer();
    const udp = createSocket('udp4');
    try {
      tcp.listen(port, '127.0.0.1');
      await once(tcp, 'listening');
      udp.bind(port, '127.0.0.1');
      await once(udp, 'listening');
      return port;
    } catch {
      // Somebody has it.
    } finally {
      tcp.close();
      udp.close();
    }
  }
};
