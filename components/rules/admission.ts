/** Of what the policies are built by which the API server judges tenants: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
import type { Names } from "./names";

/** One rule. Of several that an object breaks, the first is told. */
interface Validation {
  expression: string;
  messageExpression: string;
}

/** The part of a policy's spec that differs from one to the next. */
export interface Policy {
  matchConstraints: {
    namespaceSelector: object;
    resourceRules: { apiGroups: string[]; apiVersions: string[]; operations: string[]; resources: string[] }[];
  };
  matchConditions: { name: string; expression: string }[];
  variables: { name: string; expression: string }[];
  validations: Validation[];
}

/** The API group of routes. */
export const gatewayApi = "gateway.networking.k8s.io";

/** The namespaces whose routes the Gateway admits, but its own, where the edge alone writes. */
export const tenants = ({ attachLabels, namespace }: Names) => ({
  matchLabels: attachLabels,
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [namespace] }],
});

/** Resources in any version, and never their status: a controller's report is not judged. */
export const written = (group: string, ...resources: string[]) => ({
  apiGroups: [group],
  apiVersions: ["*"],
  operations: ["CREATE", "UPDATE"],
  resources,
});

/** A text as CEL has it. */
export const text = (value: string): string => JSON.stringify(value);

/** A rule in the form of every message: what must be, what was got, what to do. Each is an expression of CEL. */
export const rule = (expression: string, must: string, got: string, hint: string): Validation => ({
  expression,
  messageExpression: `${must} + ", got " + ${got} + " (" + ${hint} + ")"`,
});

/** The values of a list that may be missing. */
export const orNone = (list: string): string => `(has(${list}) ? ${list} : [])`;

/** Whether one of the parents is the Gateway; the routes in its own namespace, which need not name the namespace, are not judged. */
export const isParent = ({ gatewayTarget: { group, kind, name }, namespace }: Names): string =>
  [
    `(!has(parent.group) || parent.group == ${text(group)})`,
    `(!has(parent.kind) || parent.kind == ${text(kind)})`,
    `has(parent.namespace) && parent.namespace == ${text(namespace)}`,
    `parent.name == ${text(name)}`,
  ].join(" && ");

/** Judges what names the Gateway as its parent. */
export const attaches = (names: Names) => ({
  name: "attaches-to-the-gateway",
  expression: `${orNone("object.spec.parentRefs")}.exists(parent, ${isParent(names)})`,
});

/** What stood before the rules were made or changed may stay, and be labelled and deleted, until what it asks for is changed. */
export const changes = {
  name: "changes-its-spec",
  expression: 'request.operation == "CREATE" || object.spec != oldObject.spec',
};
