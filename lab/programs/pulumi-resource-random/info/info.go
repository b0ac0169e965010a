// Package info describes the random provider to the Terraform bridge.
package info

import (
	"context"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	ptokens "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// Version is the npm package's that package.json asks for: the mapping is the same.
var Version = "4.21.2"

// Provider returns the mapping under the given metadata document.
func Provider(metadata []byte) tfbridge.ProviderInfo {
	p := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(shim.New()),
		Name:         "random",
		Version:      Version,
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
		Resources: map[string]*tfbridge.ResourceInfo{
			"random_bytes": {
				ComputeID: func(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
					if b := state["base64"]; b.IsString() {
						return resource.ID(b.StringValue()), nil
					}
					return "none", nil
				},
			},
		},
	}
	// random_password -> random:index/randomPassword:RandomPassword
	p.MustComputeTokens(tokens.Strategy{Resource: func(tf string, r *tfbridge.ResourceInfo) error {
		tok, err := tokens.MakeStandard("random")("index", tfbridge.TerraformToPulumiNameV2("x_"+tf, nil, nil)[1:])
		r.Tok = ptokens.Type(tok)
		return err
	}})
	return p
}
