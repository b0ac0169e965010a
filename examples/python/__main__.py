"""The HTTPS edge as a component of a program in Python."""

import pulumi
from https_edge import HttpsEdge, HttpsRoute

edge = HttpsEdge(
    "edge",
    {
        "domains": [{"name": "staging.example.com", "zone": "example.com"}],
        "acme": {"environment": "staging"},
        "landing": {},
    },
)

HttpsRoute(
    "shop",
    {
        "listener": edge.https,
        "namespace": "shop",
        "hostnames": ["shop.staging.example.com"],
        "rules": [{"backendRefs": [{"name": "shop", "port": 80}]}],
    },
)

pulumi.export("addresses", edge.addresses)
