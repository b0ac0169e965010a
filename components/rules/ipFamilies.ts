/** IP families of the proxies and of their Service, and which of them a cluster can have. */

/** https://gateway.envoyproxy.io/docs/api/extension_types/#ipfamily, in every version that can be chosen. */
export enum IpFamily {
  IPv4 = "IPv4",
  IPv6 = "IPv6",
  DualStack = "DualStack",
}

/** What the Services of a cluster get their addresses of. */
export interface ServiceRanges {
  /** A range of each family, that of the preferred family first; an address where ranges are not told. */
  ranges: string[];
  /** Whether there may be another family, of which nothing is told. */
  partial?: boolean;
}

/**
 * What is wrong with an IP family on a cluster, by the ranges that its Services get their addresses of
 * (ServiceCIDR: https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/). Nothing is, where none are known.
 *
 * Without the setting, and with `IPv4`, Envoy listens on IPv4 alone, while Service and probes use the first family of the cluster:
 * https://github.com/envoyproxy/gateway/issues/6389. A family that the cluster lacks leaves the Gateway without a Service, and its status
 * does not say why: https://github.com/envoyproxy/gateway/issues/10043
 */
export const checkIpFamily = (
  ipFamily: `${IpFamily}` | undefined,
  { ranges, partial = false }: ServiceRanges,
): string | undefined => {
  const [first, second] = ranges.map(familyOf);
  if (!first) return undefined;
  const dual = second || partial ? [IpFamily.DualStack] : [];
  const possible: `${IpFamily}`[] =
    first === IpFamily.IPv4 && dual.length > 0 ? [IpFamily.IPv4, IpFamily.IPv6, ...dual] : [first, ...dual];
  if (possible.includes(ipFamily ?? IpFamily.IPv4)) return undefined;
  const alone = ipFamily ? "" : ", and without the setting Envoy listens on IPv4 alone";
  return `must be ${possible.join(" or ")}, got ${ipFamily ?? "nothing"} (Services of this cluster have addresses of ${ranges.join(" and ")}${alone})`;
};

/** Family of a range or of an address. */
export const familyOf = (range: string): IpFamily.IPv4 | IpFamily.IPv6 =>
  range.includes(":") ? IpFamily.IPv6 : IpFamily.IPv4;
