/** A way to the edge on which nothing comes back for a while, as on one so long that all answers are still under way. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port on this machine that leads to port 443 of a host, for one connection. */
export const silentWay = async (host: string) => {
  const ends: Socket[] = [];
  let sent = 0;
  const server = createServer((client) => {
    const edge = connect({ host, port: 443 });
    ends.push(client, edge);
    for (const socket of ends) socket.on("error", () => {});
    client.on("data", (chunk) => {
      sent += chunk.length;
    });
    client.pipe(edge);
    edge.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [client, edge] = [() => ends[0], () => ends[1]];
  return {
    port: (server.address() as AddressInfo).port,
    /** Bytes that the client has sent. */
    sent: (): number => sent,
    /** Lets nothing come back. */
    hold: (): void => {
      edge()?.unpipe();
    },
    /** Lets come back what was held, and what follows. */
    release: (): void => {
      const to = client();
      if (to) edge()?.pipe(to);
    },
    close: (): void => {
      for (const socket of ends) socket.destroy();
      server.close();
    },
  };
};
