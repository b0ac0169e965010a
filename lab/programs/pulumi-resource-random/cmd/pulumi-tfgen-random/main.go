// Command pulumi-tfgen-random writes schema.json and bridge-metadata.json.
package main

import (
	"lab/pulumi-resource-random/info"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
)

func main() { tfgen.Main("random", info.Provider([]byte("{}"))) }
