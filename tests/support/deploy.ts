/** Runs a program against Pulumi's runtime mocks and tells what it registered, in what order and under what. */
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { toItsEnd } from "../../manifests/mocked";
import { cloudflareAnswers } from "./cloudflare";
import { type Answers, withApi } from "./cloudflareApi";
import { forget, type Says, see } from "./controllers";

/** A resource as the engine was asked to register it. */
export interface Registered {
  type: string;
  name: string;
  /** Type and name of its parent, if it has one. */
  parent: [string, string] | undefined;
  /** What it is deleted before, sorted. */
  dependencies: [string, string][];
  /** Name of the provider it was told to use; undefined when left to a default one. */
  provider: string | undefined;
  /** Plain values: secrets are unwrapped, and the names of their properties stand in `secrets`. */
  inputs: Record<string, unknown>;
  secrets: string[];
  options: {
    retainOnDelete: boolean;
    deleteBeforeReplace: boolean;
    replaceOnChanges: string[];
    timeout: string;
    deleteTimeout: string;
  };
  /** Names that it had before, as far as the program knows. */
  aliases: string[];
}

/** A resource that is read and not managed. */
export interface Read {
  type: string;
  name: string;
  id: string;
  provider: string | undefined;
}

/** A function call to a provider. */
export interface Call {
  token: string;
  inputs: Record<string, unknown>;
  provider: string | undefined;
}

/** What the mocks play. */
export interface World {
  /** What the cluster's controllers say of an object in place of the usual. */
  says?: Says;
  /** Answers a provider's function call in place of the usual account at Cloudflare. */
  answer?: (token: string, inputs: Record<string, unknown>, provider: string | undefined) => object | undefined;
  /** What Cloudflare's API answers a token that was created in place of the usual, which is that it works. */
  api?: Answers;
  /** Whether the run is a preview, in which an output may be `pulumi.runtime.unknownValue`. */
  preview?: boolean;
  /** Outputs of a resource over its inputs. */
  outputs?: (resource: { type: string; name: string }) => object | undefined;
  /** Registries that do not answer, by their hosts. */
  silent?: string[];
  /** Resources that are not made until everything else that can be is. */
  hold?: (resource: { type: string; name: string }) => boolean;
}

/** What a program did. */
export class Deployment {
  readonly resources: Registered[] = [];
  readonly calls: Call[] = [];
  readonly reads: Read[] = [];
  /** What the program warned of. */
  readonly warnings: string[] = [];
  /** What had been registered when nothing more could be without the resources held back. */
  beforeRelease: [string, string][] = [];

  /** Every resource as [type, name], sorted. */
  get list(): [string, string][] {
    return sorted(this.resources);
  }

  /** The one resource of a type, and of a name if given. */
  only(type: string, name?: string): Registered {
    const found = this.resources.filter(
      (resource) => resource.type === type && [undefined, resource.name].includes(name),
    );
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources are ${type} ${name ?? ""}`);
    return found[0];
  }
}

const sorted = (resources: Registered[]): [string, string][] =>
  resources.map(({ type, name }): [string, string] => [type, name]).sort((a, b) => (a.join() < b.join() ? -1 : 1));

/** Short types, for lists that are read. */
export const types = {
  earlier: "test:index:Earlier",
  accountToken: "cloudflare:index/accountToken:AccountToken",
  apiToken: "cloudflare:index/apiToken:ApiToken",
  certificate: "kubernetes:cert-manager.io/v1:Certificate",
  configMap: "kubernetes:core/v1:ConfigMap",
  clusterIssuer: "kubernetes:cert-manager.io/v1:ClusterIssuer",
  cloudflare: "pulumi:providers:cloudflare",
  crd: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
  deployment: "kubernetes:apps/v1:Deployment",
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
  clientTrafficPolicy: "kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy",
  backendTrafficPolicy: "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy",
  envoyProxy: "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy",
  filter: "kubernetes:gateway.envoyproxy.io/v1alpha1:HTTPRouteFilter",
  gateway: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  gatewayClass: "kubernetes:gateway.networking.k8s.io/v1:GatewayClass",
  httpRoute: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  kubernetes: "pulumi:providers:kubernetes",
  namespace: "kubernetes:core/v1:Namespace",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  podDisruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
  policy: "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
  policyBinding: "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
  randomId: "random:index/randomId:RandomId",
  release: "kubernetes:helm.sh/v3:Release",
  secret: "kubernetes:core/v1:Secret",
  stash: "pulumi:index:Stash",
  service: "kubernetes:core/v1:Service",
} as const;

/** What a route waits for. */
export const accepted = {
  "pulumi.com/waitFor": JSON.stringify([
    'jsonpath={.status.parents[0].conditions[?(@.type=="Accepted")].status}=True',
    'jsonpath={.status.parents[0].conditions[?(@.type=="ResolvedRefs")].status}=True',
  ]),
  "pulumi.com/patchForce": "true",
};

const outputsOf = (type: string, inputs: Record<string, unknown>): object => {
  if (type === types.stash) return { output: inputs.input };
  if (type === types.randomId) return { hex: "c0ffee00" };
  if (type === types.release) return { status: { version: inputs.version } };
  if (type === types.apiToken || type === types.accountToken)
    return { value: mintedToken, issuedOn: new Date().toISOString() };
  return {};
};

/** What of a registered object the cluster is told. */
const made = (type: string, { metadata, name, namespace, spec }: Record<string, unknown>) => ({
  kind: type.split(":")[2] ?? "",
  ...((type === types.release ? { name, namespace } : metadata) as { name: string; namespace?: string }),
  spec: spec as object | undefined,
});

/** Value of a token that the mocks create. */
export const mintedToken = "minted-0123456789012345678901234567890123456789";

let current: { deployment: Deployment; world: World } | undefined;

// What a mock is told has neither parent nor options (pulumi issue 14421), so they are read off the request.
const register = MockMonitor.prototype.registerResource;
MockMonitor.prototype.registerResource = function (request, callback) {
  const { plain, secrets } = unwrap(pulumi.runtime.deserializeProperties(request.getObject()));
  current?.deployment.resources.push({
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() ? typeAndName(request.getParent()) : undefined,
    dependencies: request.getDependenciesList().map(typeAndName).sort(),
    provider: providerName(request.getProvider()),
    inputs: plain,
    secrets,
    options: {
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      replaceOnChanges: request.getReplaceonchangesList(),
      timeout: request.getCustomtimeouts()?.getCreate() ?? "",
      deleteTimeout: request.getCustomtimeouts()?.getDelete() ?? "",
    },
    aliases: aliasNames(request.getAliasesList()),
  });
  return register.call(this, request, callback);
};

const read = MockMonitor.prototype.readResource;
MockMonitor.prototype.readResource = function (request, callback) {
  current?.deployment.reads.push({
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    provider: providerName(request.getProvider()),
  });
  return read.call(this, request, callback);
};

/** An alias without a name is one of the type, which an SDK adds by itself. */
const aliasNames = (aliases: { getSpec(): { getName(): string } | undefined }[]): string[] =>
  aliases.map((alias) => alias.getSpec()?.getName() ?? "").filter((name) => name !== "");

const typeAndName = (urn: string): [string, string] => {
  const [, , type = "", name = ""] = urn.split("::");
  return [type.split("$").pop() ?? "", name];
};

/** A provider's reference is its URN and its id. */
const providerName = (reference: string): string | undefined => reference.split("::")[3];

const unwrap = (inputs: Record<string, unknown>): { plain: Record<string, unknown>; secrets: string[] } => {
  const entries = Object.entries(inputs);
  return {
    plain: Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        pulumi.runtime.isRpcSecret(value) ? pulumi.runtime.unwrapRpcSecret(value) : value,
      ]),
    ),
    secrets: entries.filter(([, value]) => pulumi.runtime.isRpcSecret(value)).map(([key]) => key),
  };
};

/**
 * Runs `program` to its end. Throws the first error that it meets, in the program or in a promise behind it, as the
 * engine's host would report it.
 */
export const deploy = async (program: () => unknown, world: World = {}): Promise<Deployment> => {
  const deployment = new Deployment();
  current = { deployment, world };
  forget();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        if (world.hold?.({ type, name })) await released;
        if (type.startsWith("kubernetes:")) see(made(type, inputs), world.says);
        return {
          id: `${name}-id`,
          state: { ...inputs, ...outputsOf(type, inputs), ...world.outputs?.({ type, name }) },
        };
      },
      call: async ({ token, inputs, provider }) => {
        const by = providerName(provider ?? "");
        deployment.calls.push({ token, inputs, provider: by });
        return answered(() => world.answer?.(token, inputs, by) ?? cloudflareAnswers(token, inputs));
      },
    },
    "https-edge",
    "test",
    world.preview,
    "acme",
  );

  const silence = answerAsRegistries(world);
  // Without an engine, the SDK logs to the console.
  const { warn } = console;
  console.warn = (message: string) => deployment.warnings.push(message.replace("warning: [runtime] ", ""));
  try {
    const run = async () => {
      await program();
      if (world.hold) await quiet(deployment);
      deployment.beforeRelease = sorted(deployment.resources);
      release();
    };
    await withApi(() => toItsEnd(run), world.api);
  } finally {
    current = undefined;
    silence();
    console.warn = warn;
  }
  return deployment;
};

/** Answers in place of the charts' registries until the returned function is called. */
const answerAsRegistries = (world: World): (() => void) => {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => registryAnswer(String(input), world) ?? fetch(input, init);
  return () => {
    globalThis.fetch = fetch;
  };
};

/** Runs something while the charts' registries answer. */
export const withRegistries = async <T>(during: () => Promise<T>): Promise<T> => {
  const silence = answerAsRegistries({});
  try {
    return await during();
  } finally {
    silence();
  }
};

/** What a chart's registry answers who brings no token: there is no network here. */
const registryAnswer = (address: string, { silent = [] }: World): Promise<Response> | undefined => {
  const { host, pathname } = new URL(address);
  if (pathname !== "/v2/") return undefined;
  return silent.includes(host)
    ? Promise.reject(new TypeError("fetch failed", { cause: new Error(`getaddrinfo ENOTFOUND ${host}`) }))
    : Promise.resolve(new Response(null, { status: 401 }));
};

/** An error from a provider reaches the program by its `details`, as gRPC has them. */
const answered = (answer: () => object): object => {
  try {
    return answer();
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(details), { details });
  }
};

/** Waits until nothing more happens: no file is being read, no cluster is being looked at, and turn after turn of the event loop registers nothing. */
const quiet = async ({ resources }: Deployment): Promise<void> => {
  let before = -1;
  for (let turns = 0; turns < 10; turns++) {
    await setTimeout(3);
    const looking =
      resources.some(({ type }) => type === types.stash) !== resources.some(({ type }) => type === types.kubernetes);
    if (
      looking ||
      before < resources.length ||
      process.getActiveResourcesInfo().some((each) => each.startsWith("FSReq"))
    )
      turns = 0;
    before = resources.length;
  }
};

/** A resource for a part to follow. */
export class Earlier extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Earlier", name);
  }
}

/** The value of an output, for what a test compares. */
export const settled = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

/** Whether this run knows the value of an output. */
export const isKnown = (output: pulumi.Output<unknown> | undefined): Promise<boolean> | undefined =>
  // `as`: missing from the SDK's types, as it is for its own use.
  (output as unknown as { isKnown: Promise<boolean> } | undefined)?.isKnown;
