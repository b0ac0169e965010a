/** The cluster that the edge stands in: what is there is read first, and nothing is touched unless it is free or the edge's own. */
import { setImmediate } from "node:timers/promises";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { sharedObjects } from "./crds";
import { edgeError } from "./resources/error";
import { known } from "./resources/unknown";
import type { Way } from "./resources/wait";
import { checkUid } from "./rules/checks";
import type { IpFamily } from "./rules/ipFamilies";
import { type Names, stackLabel, stackLabelValue } from "./rules/names";
import { text } from "./rules/problems";
import { ProxyProtocolPhase, warningOf } from "./rules/proxyProtocol";
import { monitoringCrds, type Scraped } from "./rules/scrape";
import type { VersionSet } from "./rules/versions";
import { type Connection, ConnectionError, connect } from "./standing/connection";
import type { Existing } from "./standing/controllers";
import { type Intent, interrupted, problemsOf } from "./standing/judge";
import { balancerSeen } from "./standing/proxyProtocol";
import { forget, read, readableKinds, type Standing } from "./standing/read";

/** Which cluster the edge stands in. */
export interface ClusterArgs {
  /**
   * The kubeconfig's content or its path.
   * @default - what the environment's KUBECONFIG says
   */
  kubeconfig?: pulumi.Input<string>;
  /**
   * A context of the kubeconfig.
   * @default - the current one
   */
  context?: string;
  /**
   * UID of the cluster's namespace kube-system, which tells it from every other. Set it when the cluster was rebuilt, or when the edge is
   * meant to move: any other cluster than the recorded one is refused.
   * @default - the UID of the cluster that the first `up` met
   */
  uid?: string;
}

/** The setting `cluster`. The connection comes from the Kubernetes provider's own settings. */
export const clusterSetting = z.strictObject({
  uid: text(checkUid).optional(),
} satisfies { [K in keyof Required<Omit<ClusterArgs, "kubeconfig" | "context">>]: z.ZodType });

/** Refuses a Kubernetes provider given to the edge: its cluster could not be looked at, and any other would be the wrong one. */
export const refuseProvider = (edge: pulumi.ComponentResource): void => {
  if (edge.getProvider("kubernetes:core/v1:Namespace"))
    throw edgeError(
      "cluster must say where the edge stands, got a Kubernetes provider instead, which cannot be asked (set cluster.kubeconfig to what the provider was made from)",
    );
};

/** What the part looks for besides what the edge's resources tell. */
export interface LookArgs extends ClusterArgs {
  names: Names;
  /** Name of the edge as a component. */
  component: string;
  versions: VersionSet;
  /** Whether the CRDs are used as they stand. */
  crds?: { existing?: boolean };
  /** Whether the controllers are. */
  certManager?: { existing?: boolean };
  envoyGateway?: { existing?: boolean };
  /** IP family of the proxies, and the class of their pods. */
  gateway?: { ipFamily?: `${IpFamily}`; priorityClass?: string };
  /** The class of the controllers' pods. */
  controllers?: { priorityClass?: string };
  /** Which kinds of the Prometheus operator are used. */
  monitoring?: Scraped;
  /** PROXY protocol. */
  proxyProtocol?: { phase: `${ProxyProtocolPhase}` };
  /** A domain of the edge, by which the load balancer is asked whether it sends PROXY protocol. */
  domain: string;
  /** Whether the load balancer can be reached from here. */
  serving?: { reachable?: boolean };
  /**
   * Port of HTTPS.
   * @default 443
   */
  port?: number;
}

/**
 * Reads what stands in the cluster in every preview and `up`, before anything is made or changed. Objects of this edge carry the label
 * `https-edge/stack`; a namespace, issuer, class or CRD of anybody else is refused. What an interrupted `up` left is taken over.
 *
 * Errors: one `pulumi.RunError` with a line for each problem: a wrong kubeconfig, another cluster than before, somebody else's objects.
 */
export class Cluster extends pulumi.ComponentResource {
  /** Provider of everything that the edge makes in the cluster. */
  readonly provider: kubernetes.Provider;
  /** Resolves when the cluster has been looked at and nothing is in the way; rejects with all that is. */
  readonly free: Promise<void>;
  /** How what stands is read later on. */
  readonly way: Way;
  /** Version of a cert-manager that is used as it stands. */
  readonly certManagerVersion: Promise<string | undefined>;
  /** Labels what is made under it, and adds it to what is looked for. */
  readonly own: pulumi.ResourceTransformation;
  private readonly made: pulumi.Resource[] = [];
  /** Which controllers are used as they stand. */
  readonly existing: Existing;

  constructor(name: string, args: LookArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Cluster", name, {}, opts);
    const { names, context, uid, versions } = args;
    const child = { parent: this };
    // Kept from the first `up` on, so that neither a renamed stack nor a moved project makes the edge somebody else's.
    const fresh = stackLabelValue([pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), args.component]);
    const owner = stashed(`${name}-owner`, fresh, child);

    this.existing = {
      certManager: args.certManager?.existing ?? false,
      envoyGateway: args.envoyGateway?.existing ?? false,
    };
    const shared = sharedObjects(versions);
    const priorityClasses = priorityClassesOf(args);
    const monitoring = monitoringCrds(args.monitoring);
    const wanted = [
      ...shared,
      ...Object.values(monitoring).map(({ crd }) => ({ kind: "CustomResourceDefinition", name: crd, shared: true })),
      ...Object.values(priorityClasses).map((each) => ({ kind: "PriorityClass", name: each, shared: true })),
    ];
    this.own = ({ resource, type, props, opts: resourceOpts }) => {
      this.made.push(resource);
      const [, , kind] = /^kubernetes:([^:]+):(\w+)$/.exec(type) ?? [];
      if (!kind || kind === "Release") return undefined;
      if ("id" in resourceOpts && resourceOpts.id !== undefined) return undefined; // a read makes nothing
      const { metadata } = props;
      if (shared.some((one) => one.kind === kind && one.name === metadata.name)) return undefined;
      // One of the edge's own is an Output of it.
      if (!metadata.namespace || typeof metadata.namespace === "string") {
        if (!readableKinds.includes(kind)) throw new Error(`${kind} ${metadata.name} cannot be looked for`);
        wanted.push({ kind, name: metadata.name, namespace: metadata.namespace });
      }
      return {
        props: {
          ...props,
          metadata: { ...metadata, labels: { ...metadata.labels, ...names.instanceLabels, [stackLabel]: owner } },
        },
        opts: resourceOpts,
      };
    };

    const kubeconfig = known(args.kubeconfig);
    const look = async (): Promise<{ cluster: Connection; standing: Standing } | undefined> => {
      const cluster = connect({ kubeconfig: await kubeconfig, context });
      const standing = await read(cluster, names, wanted, this.existing);
      return { cluster, standing: { ...standing, proxyProtocol: await seen(cluster, standing, args) } };
    };
    // Begins when the edge has named all that it makes and has asked the engine for it: to load the client takes most of a second, in
    // which the program does nothing else, and the engine meanwhile starts its plugins.
    const looked = setImmediate().then(async () => {
      // The preview of a program that makes the cluster, too, has none to ask.
      if (pulumi.runtime.isDryRun() && args.kubeconfig !== undefined && (await kubeconfig) === undefined)
        return undefined;
      return look().catch((error: unknown) => {
        if (!(error instanceof ConnectionError)) throw error;
        if (error.kind !== "unreachable" || !pulumi.runtime.isDryRun()) throw edgeError(error.message);
        pulumi.log.warn(`${error.message}. The preview does not know what stands there; up will look.`, this);
        return undefined;
      });
    });
    const judged = looked.then(async (found) => {
      if (!found) return undefined;
      const intent: Intent = {
        names,
        versions,
        phase: phaseIn(args),
        existingCrds: args.crds?.existing ?? false,
        existing: this.existing,
        ipFamily: args.gateway?.ipFamily,
        priorityClasses,
        monitoringCrds: monitoring,
        owner: (await known(owner)) ?? fresh,
      };
      const lines = problemsOf(found.standing, intent);
      return { ...found, intent, lines };
    });
    // In an `up` the cluster is recorded only when it is free: a refused first attempt must not bind the stack to it.
    const here = judged.then((found) => {
      if (found && found.lines.length > 0 && !pulumi.runtime.isDryRun())
        throw edgeError(clusterMessage(found.standing, found.lines));
      return found?.standing.uid ?? pulumi.unknown;
    });
    const recorded = stashed(`${name}-uid`, here, child);

    this.free = judged.then(async (found) => {
      if (!found) return;
      const { cluster, standing, intent, lines } = found;
      const another = anotherCluster(standing, uid ?? (await known(recorded)), uid !== undefined);
      const problems = [...(another ? [another] : []), ...lines];
      if (problems.length > 0) throw edgeError(clusterMessage(standing, problems));
      const warning = warningOf(standing.proxyProtocol, intent.phase, versions);
      if (warning) pulumi.log.warn(warning, this);
      if (pulumi.runtime.isDryRun()) return;
      for (const revision of interrupted(standing, intent)) {
        await forget(cluster, revision);
        pulumi.log.warn(
          `Helm release ${revision.release} was left ${revision.status} by an interrupted run; its Secret ${revision.namespace}/${revision.secret} is deleted, so that Helm can begin anew.`,
          this,
        );
      }
    });
    this.way = looked.then((found) => found?.cluster);
    this.way.catch(() => {}); // `free` tells
    this.certManagerVersion = looked.then((found) => found?.standing.controllers.certManager?.version);
    this.certManagerVersion.catch(() => {}); // likewise
    const afterwards: Promise<pulumi.Resource[]> = this.free.then(() => []);
    this.provider = new kubernetes.Provider(
      name,
      {
        kubeconfig: args.kubeconfig,
        context,
        // A constant: neither a renewed kubeconfig nor a renamed stack is another cluster, and must not replace everything in this one.
        clusterIdentifier: "https-edge",
        // A rotated token changes its Secret in place, so that no renewal finds it missing.
        enableSecretMutable: true,
        // What this edge may take over was decided above: CRDs, and what an interrupted `up` of its own left behind.
        upsertExistingObjects: true,
      },
      { parent: this, dependsOn: afterwards },
    );
    this.registerOutputs({});
  }

  /** All that the edge has made, but for components, once the last of it is: the records, when there are addresses. */
  all(addresses: pulumi.Output<unknown>): Promise<pulumi.Resource[]> {
    // Only then, since a resource does not know yet what it is when it is transformed.
    return known(addresses).then(() => this.made.filter((each) => pulumi.CustomResource.isInstance(each)));
  }
}

const priorityClassesOf = ({ gateway, controllers }: LookArgs): Record<string, string> => ({
  ...(gateway?.priorityClass && { "gateway.priorityClass": gateway.priorityClass }),
  ...(controllers?.priorityClass && { "controllers.priorityClass": controllers.priorityClass }),
});
/** The ends of PROXY protocol, the load balancer's as it is seen where that can be told and decides. */
const seen = (cluster: Connection, { proxyProtocol }: Standing, args: LookArgs) =>
  args.serving?.reachable === false
    ? proxyProtocol
    : balancerSeen(cluster, proxyProtocol, phaseIn(args), { host: args.domain, port: args.port, names: args.names });

const phaseIn = ({ proxyProtocol }: LookArgs) => proxyProtocol?.phase ?? ProxyProtocolPhase.Off;

/** A value that the state keeps from when it was first stored, whatever is given later. */
const stashed = (name: string, input: pulumi.Input<unknown>, opts: pulumi.CustomResourceOptions) =>
  new pulumi.Stash(name, { input }, { ...opts, ignoreChanges: ["input"] }).output.apply((value): string => value);

/** What is wrong with the cluster as a whole, or undefined when it is the one that the stack belongs to. */
const anotherCluster = ({ place, uid }: Standing, belongs: string | undefined, isSet: boolean): string | undefined =>
  belongs === undefined || belongs === uid
    ? undefined
    : `the cluster must be the one ${isSet ? "that cluster.uid names" : "of this stack's last up"}, kube-system ${belongs}, got ${uid}, which is ${place} (choose the right context; if the edge is meant to be there, set cluster.uid to ${uid} and run pulumi up --refresh)`;

const clusterMessage = ({ place }: Standing, problems: string[]): string =>
  [
    `Cluster ${place} is not free for this edge; nothing was changed:`,
    ...problems.map((problem) => `  ${problem}`),
  ].join("\n");
