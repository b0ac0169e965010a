/**
 * The policy that limits how often cert-manager writes of a challenge that waits (`waitInsteadOfSelfCheck`). cert-manager 1.21 writes the time
 * that is left into the challenge's status, to the nanosecond; each write has it look at the challenge again at once; so it writes as often as
 * the API server lets it, thousands of times a minute:
 * https://github.com/cert-manager/cert-manager/blob/v1.21.2/pkg/controller/acmechallenges/readiness.go
 */
import { text } from "./admission";

const group = "acme.cert-manager.io";

/** Seconds between two such writes: below the five after which cert-manager comes again when it was refused. */
const between = 4;

const reasonOf = (object: string): string => `${object}.?status.?reason.orValue("")`;
const left = (reason: string): string => `duration(${reason}.split(" ")[1])`;

/** Policy and binding, for the challenges of these ClusterIssuers. What changes more than the time that is left is never refused. */
export const challengesOf = (issuers: string[]) => ({
  policy: {
    // Better many writes than none.
    failurePolicy: "Ignore",
    matchConstraints: {
      resourceRules: [
        { apiGroups: [group], apiVersions: ["*"], operations: ["UPDATE"], resources: ["challenges/status"] },
      ],
    },
    matchConditions: [
      {
        name: "is-of-the-edge",
        expression: `object.spec.issuerRef.?kind.orValue("") == "ClusterIssuer" && object.spec.issuerRef.name in [${issuers.map(text).join(", ")}]`,
      },
      {
        name: "waits",
        expression: `[object, oldObject].all(each, ${reasonOf("each")}.matches("^Waiting .* without self-check$"))`,
      },
      {
        name: "changes-nothing-else",
        expression: ["state", "presented", "presentedAt", "processing"]
          .map((field) => `object.?status.?${field} == oldObject.?status.?${field}`)
          .join(" && "),
      },
    ],
    variables: [
      { name: "before", expression: left(reasonOf("oldObject")) },
      { name: "now", expression: left(reasonOf("object")) },
    ],
    validations: [
      {
        expression: `variables.before - variables.now >= duration("${between}s")`,
        message: `the time that a challenge has still to wait is written every ${between} s at most, or cert-manager does nothing but write it`,
      },
    ],
  },
  binding: { validationActions: ["Deny"] },
});
