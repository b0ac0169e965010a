/** The components for programs in any language: Pulumi's engine asks this provider to make them, with what the program gives. */
import * as pulumi from "@pulumi/pulumi";
import {
  HttpsEdge,
  type HttpsEdgeArgs,
  HttpsRoute,
  type HttpsRouteArgs,
  type Listener,
  type ParentRef,
} from "../components";
import { known } from "../components/resources/unknown";
import { plainInputs } from "./inputs";
import schema from "./schema.json";

/** A listener as it passes through the engine. */
type PassedListener = Omit<Listener, "parentRef" | "ready"> & { parentRef: ParentRef };

const construct = async (
  name: string,
  type: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<pulumi.provider.ConstructResult> => {
  switch (type) {
    case "https-edge:index:HttpsEdge": {
      const edge = new HttpsEdge(name, await plainInputs<HttpsEdgeArgs>(type, inputs), options);
      const { urls, addresses, https } = edge;
      // What a route waits for goes with the value, as its dependencies.
      const ready = pulumi.output(https.ready.then((resources) => resources.map(({ urn }) => urn)));
      const parentRef = pulumi.all([https.parentRef, ready]).apply(([ref]) => ref);
      const { domains, attachLabels, labels } = https;
      return { urn: edge.urn, state: { urls, addresses, https: { parentRef, domains, attachLabels, labels } } };
    }
    case "https-edge:index:HttpsRoute": {
      const { listener, ...rest } = inputs;
      const args = await plainInputs<Omit<HttpsRouteArgs, "listener">>(type, rest);
      const route = new HttpsRoute(name, { ...args, listener: await listenerOf(listener) }, options);
      return { urn: route.urn, state: { urls: route.urls } };
    }
    default:
      throw new pulumi.RunError(`${type} must be a component of this package, got an unknown one (there are ${names})`);
  }
};

/** The listener that an edge's output tells of. A route on it waits for what stands behind the value. */
const listenerOf = async (passed: pulumi.Input<PassedListener>): Promise<Listener> => {
  const found = await known(passed);
  if (!found?.domains || !found.parentRef || !found.attachLabels || !found.labels)
    throw new pulumi.RunError(
      `listener must be an edge's output https, got ${JSON.stringify(found) ?? "one that is not known yet"} (set it to the output https of an HttpsEdge)`,
    );
  const parentRef = pulumi.output(passed).apply(({ parentRef }) => parentRef);
  const { domains, attachLabels, labels } = found;
  return { parentRef, domains, attachLabels, labels, ready: Promise.resolve([]) };
};

const names = Object.keys(schema.resources)
  .map((token) => token.split(":").pop())
  .join(" and ");

export const provider: pulumi.provider.Provider = {
  version: schema.version,
  schema: JSON.stringify(schema),
  construct,
};
