// Command pulumi-resource-random serves the random provider to Pulumi.
package main

import (
	"context"
	_ "embed"

	"lab/pulumi-resource-random/info"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.Main(context.Background(), "random", info.Provider(metadata), pf.ProviderMetadata{PackageSchema: schema})
}
