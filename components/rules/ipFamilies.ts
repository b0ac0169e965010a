/** IP families of the proxies and of their Service, and which of them a cluster can have. */

/** https://gateway.envoyproxy.io/docs/api/extension_types/#ipfamily, in every version that can be chosen. */
export enum IpFamily {
  IPv4 = "IPv4",
  IPv6 = "IPv6",
  DualStack = "DualStack",
}

/**
 * What is wrong with an IP family on a cluster, by the ranges that its Services get their addresses of, the first one first
 * (ServiceCIDR `kubernetes`: https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
 *
 * Without the setting, and with `IPv4`, Envoy listens on IPv4 alone, while Service and probes use the first family of the cluster:
 * https://github.com/envoyproxy/gateway/issues/6389. A family that the cluster lacks leaves the Gateway without a Service, and its status
 * does not say why: https://github.com/envoyproxy/gateway/issues/10043
 */
export const checkIpFamily = (ipFamily: `${IpFamily}` | undefined, serviceRanges: string[]): string | undefined => {
  const [first, ...others] = serviceRanges.map((range) => (range.includes(":") ? IpFamily.IPv6 : IpFamily.IPv4));
  const dual = others.length > 0 ? [IpFamily.DualStack] : [];
  const possible: `${IpFamily}`[] =
    first === IpFamily.IPv6 ? [IpFamily.IPv6, ...dual] : [IpFamily.IPv4, ...others, ...dual];
  if (possible.includes(ipFamily ?? IpFamily.IPv4)) return undefined;
  const alone = ipFamily ? "" : ", and without the setting Envoy listens on IPv4 alone";
  return `must be ${possible.join(" or ")}, got ${ipFamily ?? "nothing"} (Services of this cluster have addresses of ${serviceRanges.join(" and ")}${alone})`;
};
