/** CoreDNS's configuration: authoritative for the lab's names and zones; everything else does not exist. */
export interface Dns {
  address: string;
  port: number;
  hosts: string;
  zones: string;
}

/** On loopback: hears only what neither hosts nor zones knew. */
const restPort = 1053;

/**
 * A zone file is read when its serial has grown, and a new one is found, within `reload`. What no zone has goes to a
 * second server by `forward`, because that plugin is the only one which comes after `auto` in CoreDNS's fixed order.
 * The pattern is anchored, or the temporary file beside a zone file would be taken for it.
 */
export const corefile = (dns: Dns): string => `.:${dns.port} {
  bind ${dns.address}
  errors
  log . "{remote} {proto} {type} {name} {rcode}"
  hosts ${dns.hosts} {
    ttl 1
    reload 1s
    fallthrough
  }
  auto {
    directory ${dns.zones} ^(.*)\\.zone$ {1}
    reload 1s
  }
  forward . 127.0.0.1:${restPort}
}
.:${restPort} {
  bind 127.0.0.1
  errors
  log . "outside the lab: {type} {name}"
  template ANY ANY {
    rcode NXDOMAIN
    authority ". 60 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 60"
  }
}
`;
