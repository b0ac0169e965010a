/** The edge as it is seen from this machine: what DNS says of its hosts, and how its addresses answer for them. */
import { randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { connect as connectTls, getCACertificates, type TLSSocket } from "node:tls";
import { isNoWay, type Served, servedOn } from "../components/standing/https";
import { inTurns } from "../components/standing/turns";
import { domainsOf, type StandingEdge } from "./standingEdge";

/** Where one host leads by DNS, or why nowhere. */
export type Resolved = { addresses: string[] } | { error: string };

/** An answer over HTTPS, or why there was none. */
export type Answer =
  | (Served & {
      status: number;
      /** Where it redirects to. */
      location?: string;
      /** The protocol that the two agree on when the client has HTTP/2. */
      protocol: string;
      /** Why its chain does not lead to a root that this machine trusts. */
      untrusted?: string;
    })
  | Silence;

/** An answer over plain HTTP. */
export type Plain = { status: number; location?: string } | Silence;

/** Why there was no answer; `unreachable` when the way from here ends before any machine of the other side. */
interface Silence {
  error: string;
  unreachable?: true;
}

/** What is asked for over plain HTTP, to see that it is kept. */
export const plainPath = "/path?query";

/** A host, and how it is asked for. */
export interface AskedHost {
  host: string;
  resolved: Resolved;
  /** By address of the Gateway. */
  answers: Record<string, Answer>;
  /** The answer where DNS leads, if that is somewhere else and was asked for. */
  elsewhere?: Answer;
}

export interface Outside {
  hosts: AskedHost[];
  /** What the name of the load balancer leads to, where the Gateway has no address but a name. */
  addresses: string[];
  /** How each address answers plain HTTP for the first host. */
  plain: Record<string, Plain>;
  /** The moment of the look, as Date has it. */
  at: number;
}

/** How it is looked. Ports are the public ones unless a test has others. */
export interface Way {
  /** Roots that are trusted besides Node's, as PEM. */
  ca?: string;
  ports?: { http: number; https: number };
  /** Whether it is asked, too, where DNS leads to other addresses than the Gateway's. */
  strays?: boolean;
  resolver?: { [K in "resolve4" | "resolve6"]: (host: string) => Promise<string[]> };
}

/** Milliseconds for each question. */
const patience = 10_000;
/** Connections at a time, and hosts in all: one of each domain, one of nobody's, and those of routes. */
const atOnce = 16;
const mostHosts = 100;

/** The hosts that are asked: each domain, a name below it that nobody can have taken, and what routes are for. */
const hostsOf = (edge: StandingEdge): string[] => {
  const unclaimed = domainsOf(edge).map((domain) => `https-edge-${randomBytes(4).toString("hex")}.${domain}`);
  const routed = edge.routes.flatMap(({ spec }) => spec.hostnames ?? []).filter((host) => !host.includes("*"));
  return [...new Set([...domainsOf(edge), ...unclaimed, ...routed])].slice(0, mostHosts);
};

export const lookFromOutside = async (edge: StandingEdge, way: Way = {}): Promise<Outside> => {
  const resolver = way.resolver ?? new Resolver({ timeout: patience / 2, tries: 2 });
  const hosts = hostsOf(edge);
  const known = (edge.gateway.status?.addresses ?? []).map(({ type = "IPAddress", value }) => ({ type, value }));
  const [addresses, resolved] = await Promise.all([
    Promise.all(known.map((each) => (each.type === "Hostname" ? found(resolver, each.value) : [each.value]))),
    Promise.all(hosts.map((host) => resolve(resolver, host))),
  ]);
  const all = [...new Set(addresses.flat())];
  const questions = hosts.flatMap((host) => all.map((address) => ({ host, address })));
  const roots = way.ca === undefined ? undefined : [...getCACertificates("default"), way.ca];
  const answers = await inTurns(questions, atOnce, ({ host, address }) =>
    askHttps(host, address, roots, way.ports?.https),
  );
  const strays = hosts.flatMap((host, index) => {
    const stray = way.strays ? strayOf(resolved[index], all) : undefined;
    return stray === undefined ? [] : [{ host, address: stray }];
  });
  const elsewhere = await inTurns(strays, atOnce, ({ host, address }) =>
    askHttps(host, address, roots, way.ports?.https),
  );
  const [first = ""] = hosts;
  const plain = await inTurns(all, atOnce, (address) => askHttp(first, address, way.ports?.http));
  return {
    hosts: hosts.map((host, index) => ({
      host,
      resolved: resolved[index] ?? { error: "" },
      answers: Object.fromEntries(
        questions.flatMap((question, at) =>
          question.host === host ? [[question.address, answers[at] ?? { error: "" }]] : [],
        ),
      ),
      ...strays.flatMap((stray, at) => (stray.host === host ? [{ elsewhere: elsewhere[at] }] : []))[0],
    })),
    addresses: all,
    plain: Object.fromEntries(all.map((address, index) => [address, plain[index] ?? { error: "" }])),
    at: Date.now(),
  };
};

/** The first address that is not the Gateway's. */
const strayOf = (resolved: Resolved | undefined, addresses: string[]): string | undefined =>
  resolved && "addresses" in resolved ? resolved.addresses.find((each) => !addresses.includes(each)) : undefined;

const found = async (resolver: NonNullable<Way["resolver"]>, host: string): Promise<string[]> => {
  const resolved = await resolve(resolver, host);
  return "addresses" in resolved ? resolved.addresses : [];
};

/** IPv4 and IPv6 together; an error only when neither is there. */
const resolve = async (resolver: NonNullable<Way["resolver"]>, host: string): Promise<Resolved> => {
  const asked = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = asked.flatMap((each) => (each.status === "fulfilled" ? each.value : [])).sort();
  const [error] = asked.flatMap((each) => (each.status === "rejected" ? [each.reason as NodeJS.ErrnoException] : []));
  return addresses.length > 0 ? { addresses } : { error: error?.code ?? error?.message ?? "no address" };
};

const askHttps = (host: string, address: string, ca: string[] | undefined, port = 443): Promise<Answer> =>
  new Promise((resolve) => {
    const fail = (error: Error) => resolve(silenceOf(error));
    // Once for what the two agree on, once for the answer, by the version that Node's client speaks.
    const agreed = connectTls({
      host: address,
      port,
      servername: host,
      ALPNProtocols: ["h2", "http/1.1"],
      rejectUnauthorized: false,
      timeout: patience,
    });
    agreed.on("error", fail).on("timeout", () => agreed.destroy(new Error(`no answer in ${patience / 1_000} s`)));
    agreed.on("secureConnect", () => {
      const protocol = agreed.alpnProtocol || "http/1.1";
      agreed.end();
      const asked = https.request(
        {
          host: address,
          port,
          servername: host,
          method: "GET",
          headers: { host },
          rejectUnauthorized: false,
          ca,
          timeout: patience,
          agent: false,
        },
        (response) => {
          const socket = response.socket as TLSSocket;
          response.resume();
          resolve({
            status: response.statusCode ?? 0,
            ...(response.headers.location !== undefined && { location: response.headers.location }),
            protocol: protocol === "h2" ? "HTTP/2" : "HTTP/1.1",
            ...servedOn(socket),
            ...(!socket.authorized && { untrusted: String(socket.authorizationError) }),
          });
        },
      );
      asked.on("timeout", () => asked.destroy(new Error(`no answer in ${patience / 1_000} s`)));
      asked.on("error", fail).end();
    });
  });

const askHttp = (host: string, address: string, port = 80): Promise<Plain> =>
  new Promise((resolve) => {
    const asked = http.request(
      { host: address, port, path: plainPath, headers: { host }, timeout: patience, agent: false },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer in ${patience / 1_000} s`)));
    asked.on("error", (error) => resolve(silenceOf(error))).end();
  });

const silenceOf = (error: NodeJS.ErrnoException): Silence => ({
  error: error.message || error.name,
  ...(isNoWay(error) && { unreachable: true }),
});
