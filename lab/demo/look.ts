/** Looks at the edge from outside, as a browser does, and prints what it sees. Runs inside the lab. */
import { ask, rootOf } from "../client/https";
import { until } from "../tools/until";
import { Screen, waitSince } from "./screen";

const domain = "staging.example.com";

const screen = new Screen();

/** Asks until there is an answer, and shows what it waits for. */
const awaited = <T>(what: string, check: () => Promise<T>): Promise<T> => {
  const start = Date.now();
  return screen.during(until(what, check), () => waitSince(start, what));
};

const main = async (): Promise<void> => {
  const roots = [rootOf("staging")];
  const whoami = await awaited("whoami over HTTPS", () => ask(`whoami.${domain}`, { roots }));
  const { issuer, names, from, to, key } = whoami.certificate;
  const days = Math.round((to.getTime() - from.getTime()) / 86_400_000);
  console.log(`certificate  ${names.join(", ")}`);
  console.log(`             issued by ${issuer}, ${key}`);
  console.log(`             ${from.toISOString()} to ${to.toISOString()} (${days} days)`);
  for (const host of [`whoami.${domain}`, domain, `nobody-claimed-this.${domain}`]) {
    const { status, protocol, body } = await awaited(host, () => ask(host, { roots }));
    const said = /<title>(.*)<\/title>/.exec(body)?.[1] ?? body.split("\n").find((line) => line.startsWith("Hostname"));
    console.log(`https://${host}`.padEnd(48), status, protocol.padEnd(8), said);
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
