/** A policy of the edge as a resource of the program. */
import type * as pulumi from "@pulumi/pulumi";
import type { PolicyName } from "../standing/policy";

export interface Policy extends PolicyName {
  resource: pulumi.Resource;
}
