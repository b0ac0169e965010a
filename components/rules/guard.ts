/** The policy by which the API server keeps controllers that edges of other stacks use. */
import { text } from "./admission";
import { type Names, stackLabel, usesLabel } from "./names";

/** Policy and binding, for the ConfigMap that goes before the controllers. Each namespace that says so stands for an edge that uses them. */
export const guardOf = ({ guard, namespace }: Names) => ({
  policy: {
    failurePolicy: "Fail",
    paramKind: { apiVersion: "v1", kind: "Namespace" },
    matchConstraints: {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      resourceRules: [
        {
          apiGroups: [""],
          apiVersions: ["v1"],
          operations: ["DELETE"],
          resources: ["configmaps"],
          resourceNames: [guard],
        },
      ],
    },
    validations: [
      {
        // Of a namespace that is going nobody uses anything any more.
        expression: "has(params.metadata.deletionTimestamp)",
        messageExpression: [
          text("the controllers must be used by no other edge when they go, got one in namespace "),
          "params.metadata.name",
          text(" of stack "),
          `params.metadata.labels[${text(stackLabel)}]`,
          text(" (destroy that one first; nothing of this edge is deleted yet)"),
        ].join(" + "),
      },
    ],
  },
  binding: {
    validationActions: ["Deny"],
    paramRef: { selector: { matchLabels: usesLabel }, parameterNotFoundAction: "Allow" },
  },
});
