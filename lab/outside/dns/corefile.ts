/** CoreDNS's configuration: authoritative for the lab's names and zones; everything else does not exist. */
export interface Dns {
  address: string;
  port: number;
  hosts: string;
  zones: string;
}

/** A port of loopback for names that are neither in the hosts file nor in a zone. */
const restPort = 1053;

/**
 * CoreDNS finds a new zone file, or one whose serial has grown, within `reload`. `forward` sends all other names to a second server,
 * because it is the only plugin after `auto` in CoreDNS's fixed order. The pattern is anchored, so that the temporary file beside a zone
 * file does not match.
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
