/** The load balancer as clouds have it: slow to see that a node no longer takes connections. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { files } from "../outside/balancer/paths";

/** Asks HAProxy, whose socket takes commands with semicolons between them. */
const haproxy = (...commands: string[]): Promise<string> => {
  const socket = connect(files.worker);
  socket.end(`${commands.join(";")}\n`);
  return text(socket);
};

/** Every node behind every port, and how many connections it did not take, which went to another one instead. */
const servers = async (): Promise<{ name: string; redispatched: number }[]> => {
  const [header = "", ...lines] = (await haproxy("show stat -1 4 -1")).trim().split("\n");
  const columns = header.replace("# ", "").split(",");
  return lines.map((line) => {
    const values = line.split(",");
    const column = (name: string) => values[columns.indexOf(name)] ?? "";
    return { name: `${column("pxname")}/${column("svname")}`, redispatched: Number(column("wredis")) };
  });
};

const redispatched = async (): Promise<number> => (await servers()).reduce((sum, each) => sum + each.redispatched, 0);

/**
 * Has the load balancer believe for some seconds what it knows of its nodes' health now, while something is done. Returns how many
 * connections it sent to a node that did not take them: a balancer that passes packets on would have lost each.
 */
export const whileBalancerIsLate = async (seconds: number, during: () => Promise<unknown>): Promise<number> => {
  const checks = async (verb: "disable" | "enable") =>
    void (await haproxy(...(await servers()).map(({ name }) => `${verb} health ${name}`)));
  const before = await redispatched();
  await checks("disable");
  const late = async (): Promise<number> => {
    try {
      await sleep(seconds * 1_000);
      return (await redispatched()) - before;
    } finally {
      await checks("enable");
    }
  };
  const [lost] = await Promise.all([late(), during()]);
  return lost;
};
