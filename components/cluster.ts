/** The cluster that the edge stands in: what is there is read first, and nothing is touched unless it is free or the edge's own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { sharedObjects } from "./crds";
import { edgeError } from "./resources/error";
import { checkUid } from "./rules/checks";
import { stackLabel, stackLabelValue } from "./rules/names";
import { text } from "./rules/problems";
import type { VersionSet } from "./rules/versions";
import { type Connection, ConnectionError, connect } from "./standing/connection";
import { interrupted, problemsOf } from "./standing/judge";
import { forget, kindsWithoutNamespace, read, type Standing } from "./standing/read";

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

/** What the part looks for besides what the edge's resources tell. */
export interface LookArgs extends ClusterArgs {
  /** Name of the edge as a component. */
  edge: string;
  versions: VersionSet;
  /** Whether the CRDs are used as they stand. */
  crds?: { existing?: boolean };
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
  /** Labels what is made under it, and adds it to what is looked for. */
  readonly own: pulumi.ResourceTransformation;

  constructor(name: string, args: LookArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Cluster", name, {}, opts);
    const { context, uid, versions } = args;
    const child = { parent: this };
    // Kept from the first `up` on, so that neither a renamed stack nor a moved project makes the edge somebody else's.
    const fresh = stackLabelValue([pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), args.edge]);
    const owner = stashed(`${name}-owner`, fresh, child);

    const shared = sharedObjects(versions);
    const wanted = [...shared];
    this.own = ({ type, props, opts: resourceOpts }) => {
      const [, , kind] = /^kubernetes:([^:]+):(\w+)$/.exec(type) ?? [];
      if (!kind || kind === "Release" || shared.some((one) => one.kind === kind)) return undefined;
      if ("id" in resourceOpts && resourceOpts.id !== undefined) return undefined; // a read makes nothing
      const { metadata } = props;
      if (!metadata.namespace) {
        if (!kindsWithoutNamespace.includes(kind)) throw new Error(`${kind} ${metadata.name} cannot be looked for`);
        wanted.push({ kind, name: metadata.name });
      }
      return {
        props: { ...props, metadata: { ...metadata, labels: { ...metadata.labels, [stackLabel]: owner } } },
        opts: resourceOpts,
      };
    };

    const kubeconfig = known(args.kubeconfig);
    const look = async (): Promise<{ cluster: Connection; standing: Standing } | undefined> => {
      const cluster = connect({ kubeconfig: await kubeconfig, context });
      return { cluster, standing: await read(cluster, wanted) };
    };
    // Begins when the edge has named all that it makes: a promise's continuation runs after the constructors.
    const looked = Promise.resolve().then(async () => {
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
      const intent = { versions, existingCrds: args.crds?.existing ?? false, owner: (await known(owner)) ?? fresh };
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
      if (pulumi.runtime.isDryRun()) return;
      for (const revision of interrupted(standing, intent)) {
        await forget(cluster, revision);
        pulumi.log.warn(
          `Helm release ${revision.release} was left ${revision.status} by an interrupted run; its Secret ${revision.namespace}/${revision.secret} is deleted, so that Helm can begin anew.`,
          this,
        );
      }
    });
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
}

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

/** The value once it is known, or undefined when a preview cannot know it. */
const known = <T>(value: pulumi.Input<T> | undefined): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const output = pulumi.output(value) as pulumi.Output<T | undefined> & {
      isKnown: Promise<boolean>;
      promise(): Promise<T | undefined>;
    };
    output.isKnown.then((isKnown) => (isKnown ? output.promise().then(resolve, reject) : resolve(undefined)), reject);
  });
