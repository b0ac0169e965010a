/** The way to a cluster's API server, found as kubectl and the Kubernetes provider find it. */
import http from "node:http";
import https from "node:https";
import { homedir } from "node:os";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import { checkNode } from "../rules/node";

/** A cluster as people name it. */
export interface ConnectionArgs {
  /** The kubeconfig's content or its path; what KUBECONFIG says when absent. */
  kubeconfig?: string;
  /** A context of the kubeconfig; the current one when absent. */
  context?: string;
}

/** An object as far as its owner can be told: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
  managedFields?: { manager?: string; subresource?: string; time?: string }[];
  /** When it was made, to the second. */
  creationTimestamp?: string;
  finalizers?: string[];
  deletionTimestamp?: string;
}

/** A cluster that is wrong or does not answer, in one line. */
export class ConnectionError extends Error {
  /** `settings`: no cluster can be asked. `unreachable`: none has answered. `refused`: it answers, but not to us. */
  constructor(
    readonly kind: "settings" | "unreachable" | "refused",
    message: string,
  ) {
    super(message);
  }
}

/** Asks one cluster's API server. */
export interface Connection {
  /** Context and address, by which people tell clusters apart. */
  place: string;
  /** An object, or undefined when it or its kind is not there. */
  get<T>(path: string): Promise<T | undefined>;
  /** The same, of at most a second ago and not from before `since`: many who wait for one thing ask once. */
  recently<T>(path: string, since: number): Promise<T | undefined>;
  /** What is no object, such as a log. */
  text(path: string): Promise<string | undefined>;
  /** The metadata of an object alone. */
  metadata(path: string): Promise<Metadata | undefined>;
  /** The metadata of every object of a list. */
  list(path: string): Promise<Metadata[]>;
  /** Changes an object that is there: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update */
  patch(path: string, type: PatchType, body: unknown): Promise<void>;
  delete(path: string): Promise<void>;
  /** Makes an object in a collection, unless one of its name is there: false then. */
  create(collection: string, body: unknown): Promise<boolean>;
  /** What the API server has to object to a new object, its webhooks included; undefined when it would take it. It keeps nothing. */
  rehearse(path: string, body: unknown): Promise<string | undefined>;
}

export type PatchType = "application/json-patch+json" | "application/merge-patch+json";

type ContentType = PatchType | "application/json";

/** The part of a path that takes of a list only the objects with these labels. */
export const labelled = (labels: Record<string, string>): string => {
  const pairs = Object.entries(labels).map((pair) => pair.join("="));
  return `?labelSelector=${encodeURIComponent(pairs.join(","))}`;
};

const timeout = 15_000;
const verbs: Record<string, string> = { GET: "read", PATCH: "change", DELETE: "delete", POST: "make an object in" };
const plain = "*/*";
const onlyMetadata = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/**
 * Reads the kubeconfig and prepares the way; nothing is asked yet.
 *
 * Errors: a `ConnectionError` of the kind `settings` that names what is wrong with kubeconfig or context.
 */
export const connect = (args: ConnectionArgs): Connection => {
  const config = load(args);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new ConnectionError(
      "settings",
      `the kubeconfig must say where context "${config.getCurrentContext()}" leads, got no such cluster (kubectl config view)`,
    );
  const place = `${config.getCurrentContext()} at ${cluster.server}`;
  // The client refuses plain HTTP, as of kubectl proxy, unless it is told to leave TLS alone.
  if (cluster.server.startsWith("http:"))
    config.clusters = config.clusters.map((each) => ({
      ...each,
      skipTLSVerify: each === cluster || each.skipTLSVerify,
    }));

  const exchanged = async (
    method: string,
    path: string,
    accept: string,
    sent?: { type: ContentType; body: unknown },
  ): Promise<{ status: number; body: string }> => {
    const headers = { accept, ...(sent && { "content-type": sent.type }) };
    const options: https.RequestOptions = { method, timeout, headers };
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new ConnectionError(
        "refused",
        `cluster ${place} must admit us, got ${reason(error)} (kubectl auth whoami)`,
      );
    }
    const url = new URL(`${cluster.server.replace(/\/$/, "")}${path}`);
    return exchange(url, options, sent && JSON.stringify(sent.body)).catch((error: unknown) => {
      throw new ConnectionError(
        "unreachable",
        `cluster ${place} must answer, got ${reason(error)} (is it the right context, and is the cluster up? kubectl get --raw /readyz)`,
      );
    });
  };
  const refused = (method: string, path: string, status: number, body: string): ConnectionError =>
    new ConnectionError(
      "refused",
      `cluster ${place} must let us ${verbs[method]} ${path}, got ${status}: ${messageOf(body)} (kubectl auth can-i --list)`,
    );
  const request = async <T>(...[method, path, accept, sent]: Parameters<typeof exchanged>): Promise<T | undefined> => {
    const { status, body } = await exchanged(method, path, accept, sent);
    if (status === 404) return undefined;
    if (status < 300) return (accept === plain ? body : JSON.parse(body)) as T;
    throw refused(method, path, status, body);
  };
  const answers = new Map<string, { at: number; answer: Promise<unknown> }>();
  const get = <T>(path: string) => request<T>("GET", path, "application/json");
  return {
    place,
    get,
    recently: <T>(path: string, since: number) => {
      const known = answers.get(path);
      if (known && known.at >= Math.max(since, Date.now() - 1_000)) return known.answer as Promise<T | undefined>;
      const answer = get<T>(path);
      answers.set(path, { at: Date.now(), answer });
      return answer;
    },
    text: (path) => request<string>("GET", path, plain),
    metadata: async (path) =>
      (await request<{ metadata: Metadata }>("GET", path, onlyMetadata("PartialObjectMetadata")))?.metadata,
    list: async (path) => {
      const found = await request<{ items: { metadata: Metadata }[] | null }>(
        "GET",
        path,
        onlyMetadata("PartialObjectMetadataList"),
      );
      return (found?.items ?? []).map(({ metadata }) => metadata);
    },
    patch: async (path, type, body) => {
      await request("PATCH", path, "application/json", { type, body });
    },
    delete: async (path) => {
      await request("DELETE", path, "application/json");
    },
    create: async (collection, body) => {
      const sent = { type: "application/json" as const, body };
      const { status, body: answer } = await exchanged("POST", collection, sent.type, sent);
      if (status === 409) return false;
      if (status >= 300) throw refused("POST", collection, status, answer);
      return true;
    },
    rehearse: async (path, body) => {
      const sent = { type: "application/json" as const, body };
      const { status, body: answer } = await exchanged("POST", `${path}?dryRun=All`, sent.type, sent);
      return status < 300 ? undefined : messageOf(answer);
    },
  };
};

const load = ({ kubeconfig, context }: ConnectionArgs): KubeConfig => {
  const outdated = checkNode(process.version);
  // The client would end in a TypeError, before anything could be said of it.
  if (outdated) throw new ConnectionError("settings", outdated);
  // Not imported above: it takes a second to load, in which the engine begins with what needs no cluster.
  const { KubeConfig }: typeof import("@kubernetes/client-node") = require("@kubernetes/client-node");
  const config = new KubeConfig();
  const source = kubeconfig === undefined ? (process.env.KUBECONFIG ?? "the default kubeconfig") : undefined;
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    // No path has line breaks or braces.
    else if (/[\n{]/.test(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig.replace(/^~(?=\/)/, homedir()));
  } catch (error) {
    // The content may hold keys.
    throw new ConnectionError(
      "settings",
      `the kubeconfig must be readable, got ${source ?? "the one that is set"}: ${reason(error)} (set kubernetes:kubeconfig or KUBECONFIG)`,
    );
  }
  const contexts = config.getContexts().map(({ name }) => name);
  if (contexts.length === 0 || config.getCurrentCluster()?.server === "http://localhost:8080")
    throw new ConnectionError(
      "settings",
      `a kubeconfig must be there, got ${source ?? "one without contexts"} (set kubernetes:kubeconfig or KUBECONFIG)`,
    );
  if (context !== undefined) {
    if (!contexts.includes(context))
      throw new ConnectionError(
        "settings",
        `the context must be one of the kubeconfig's, got "${context}" (there are ${contexts.join(", ")})`,
      );
    config.setCurrentContext(context);
  }
  if (!config.getContextObject(config.getCurrentContext()))
    throw new ConnectionError(
      "settings",
      `the kubeconfig must have a current context, got "${config.getCurrentContext()}" (set kubernetes:context to one of ${contexts.join(", ")})`,
    );
  return config;
};

const exchange = (url: URL, options: https.RequestOptions, body?: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const { request } = url.protocol === "http:" ? http : https;
    const sent = request(url, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    sent.on("error", reject).end(body);
  });

/** The words of an error, and of the errors below it; refused connections to several addresses have no message of their own. */
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors.map(reason).join(", ") : undefined;
  return (error.message || inner || error.name).split("\n")[0] ?? "";
};

/** The API server answers with a Status, a proxy before it perhaps with a page. */
const messageOf = (body: string): string => {
  try {
    const { message }: { message?: string } = JSON.parse(body);
    return message ?? body.slice(0, 200);
  } catch {
    return body.slice(0, 200).replaceAll(/\s+/g, " ");
  }
};
