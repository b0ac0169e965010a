/** A policy by which the API server judges what is written, and its binding, as resources of the program. */
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../rules/names";
import { takenOver } from "./customResources";

type Spec = kubernetes.types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
type BindingSpec = kubernetes.types.input.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec;

/** Both, of the same name in the cluster. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export const admissionPolicy = (
  name: string,
  objectName: string,
  { policy: spec, binding }: { policy: Spec; binding: Omit<BindingSpec, "policyName"> },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] => {
  const metadata = { name: objectName, labels, annotations: takenOver };
  const policy = new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(name, { metadata, spec }, opts);
  const bound = new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
    name,
    { metadata, spec: { policyName: policy.metadata.name, ...binding } },
    opts,
  );
  return [policy, bound];
};
