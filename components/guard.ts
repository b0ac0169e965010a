/** Keeps controllers that this edge has installed from being destroyed while other edges of the cluster use them. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { admissionPolicy } from "./resources/admission";
import { takenOver } from "./resources/customResources";
import { guardOf } from "./rules/guard";
import { labels, type Names } from "./rules/names";

/** What is kept, and until when. */
export interface GuardArgs {
  names: Names;
  namespace: pulumi.Output<string>;
  /** Everything that must stand while the controllers are used: all of the edge, since what comes later goes first. */
  keeps: Promise<pulumi.Resource[]>;
}

/**
 * A ConfigMap that is made last, and so deleted first: the API server refuses that as long as an edge of another stack has its namespace
 * labelled as using the controllers. A destroy ends there, with nothing deleted yet. `pulumi destroy` runs no program that could look.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
 *
 * Errors: the policy's, on destroy, which names the stack that uses the controllers.
 */
export class Guard extends pulumi.ComponentResource {
  constructor(name: string, args: GuardArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Guard", name, {}, opts);
    const { names, namespace, keeps } = args;
    admissionPolicy(name, names.guard, guardOf(names), { parent: this, dependsOn: opts.dependsOn });
    const kept: Promise<pulumi.Resource[]> = keeps.then((all) => all.filter((each) => each !== guard));
    const guard = new kubernetes.core.v1.ConfigMap(
      name,
      { metadata: { name: names.guard, namespace, labels, annotations: takenOver } },
      { parent: this, dependsOn: kept },
    );
    this.registerOutputs({});
  }
}
