package main

import (
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/sets"
	cliflag "k8s.io/component-base/cli/flag"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/pkg/controller"
)

// newFlags adds the flags that cert-manager has had since 1.21.
func newFlags(fs *pflag.FlagSet, cfg *config.ControllerConfiguration) {
	http01 := &cfg.ACMEHTTP01Config
	fs.StringVar(&http01.SolverRuntimeClassName, "acme-http01-solver-runtime-class-name", http01.SolverRuntimeClassName, "solver runtime class")
	fs.Var(cliflag.NewMapStringString(&http01.SolverExtraLabels), "acme-http01-solver-extra-labels", "labels of solver resources")
}

// newOptions fills in the options that the controllers have taken since 1.21.
func newOptions(cfg *config.ControllerConfiguration, opts *controller.ContextOptions) {
	opts.HTTP01SolverRuntimeClassName = cfg.ACMEHTTP01Config.SolverRuntimeClassName
	opts.HTTP01SolverExtraLabels = cfg.ACMEHTTP01Config.SolverExtraLabels
	opts.GatewayAPIExtraProtocols = sets.New(cfg.GatewayAPIConfig.ExtraProtocols...)
	opts.CertificateRequestMaximumBackoffDuration = cfg.CertificateRequestMaximumBackoffDuration
}
