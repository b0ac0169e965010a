/** A Gateway as it stands: its addresses, and whether its listeners are those that it was given. */
import { isDeepStrictEqual } from "node:util";
import type { Names } from "../rules/names";
import type { Condition, Conditioned } from "./condition";
import type { Connection } from "./connection";

/** https://gateway-api.sigs.k8s.io/reference/spec/#listener */
export type ListenerSpec = { name: string } & Record<string, unknown>;

/** https://gateway-api.sigs.k8s.io/reference/spec/#gatewaystatus */
export interface GatewayObject extends Conditioned {
  spec: { listeners: ListenerSpec[] };
  status?: {
    addresses?: { type?: string; value: string }[];
    conditions?: Condition[];
    listeners?: { name: string; attachedRoutes: number; conditions: Condition[] }[];
  };
}

/** Where the Gateway of an edge is found. */
export const gatewayPath = ({ namespace, edge }: Names): string =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${edge}`;

/** Listeners that another hand added or changed. Fields that only the API server has set are no change. */
export const strayListeners = (
  { spec }: GatewayObject,
  wanted: ListenerSpec[],
): { name: string; inWords: string }[] => [
  ...spec.listeners
    .filter(({ name }) => !wanted.some((each) => each.name === name))
    .map(({ name, protocol, port }) => ({ name, inWords: `a listener ${name} (${protocol} ${port})` })),
  ...wanted
    .filter((each) => !spec.listeners.some((stands) => contains(stands, each)))
    .map(({ name }) => ({ name, inWords: `other settings of listener ${name}` })),
];

/** Gives the Gateway its own listeners and no others. */
export const giveListeners = (cluster: Connection, path: string, listeners: ListenerSpec[]): Promise<void> =>
  cluster.patch(path, "application/merge-patch+json", { spec: { listeners } });

/** Whether a value has all that is wanted; objects may have more, lists may not. */
const contains = (value: unknown, wanted: unknown): boolean => {
  if (Array.isArray(wanted))
    return (
      Array.isArray(value) &&
      value.length === wanted.length &&
      wanted.every((each, index) => contains(value[index], each))
    );
  if (typeof wanted !== "object" || wanted === null) return isDeepStrictEqual(value, wanted);
  if (typeof value !== "object" || value === null) return false;
  const fields: Record<string, unknown> = { ...value };
  return Object.entries(wanted).every(([key, each]) => each === undefined || contains(fields[key], each));
};
