"""The two components, by the names and properties of the plugin's schema.

`pulumi package gen-sdk --language python` writes the same with a type for each property.
"""

from typing import Any, Mapping, Optional

import pulumi


class HttpsEdge(pulumi.ComponentResource):
    """HTTPS for every name of the domains."""

    https: pulumi.Output[Mapping[str, Any]]
    addresses: pulumi.Output[list]

    def __init__(self, name: str, props: Mapping[str, Any], opts: Optional[pulumi.ResourceOptions] = None):
        outputs = {"https": None, "addresses": None, "urls": None}
        super().__init__("https-edge:index:HttpsEdge", name, {**outputs, **props}, opts, remote=True)


class HttpsRoute(pulumi.ComponentResource):
    """A route of an application's hosts through an edge."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("https-edge:index:HttpsRoute", name, props, opts, remote=True)
