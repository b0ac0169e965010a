/** A stack per pull request: the stack's name is its host, and its certificate comes from Let's Encrypt's staging environment, whose limits no review reaches. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { AcmeEnvironment, HttpsEdge } from "https-edge";
import { edgeOf, hostOf } from "./host";

const config = new pulumi.Config();
/** What another stack has installed in the cluster is used as it stands; each edge there has a name of its own. */
const existing = { existing: config.requireBoolean("shared") };

const account = new cloudflare.Provider("account");
const edge = new HttpsEdge(
  "edge",
  {
    domains: [{ name: hostOf(pulumi.getStack(), config.require("domain")), zone: config.require("zone") }],
    acme: { environment: AcmeEnvironment.Staging, waitInsteadOfSelfCheck: config.get("wait") },
    gateway: { replicas: 1 },
    ...(existing.existing && { name: edgeOf(pulumi.getStack()) }),
    crds: existing,
    certManager: existing,
    envoyGateway: existing,
    landing: { title: `Review of ${pulumi.getStack()}` },
    whoami: {},
  },
  { providers: { cloudflare: account } },
);

export const urls = edge.urls;
