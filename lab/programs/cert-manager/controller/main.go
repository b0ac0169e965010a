// Command controller runs cert-manager's controllers.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/sets"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	defaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/internal/controller/feature"
	"github.com/cert-manager/cert-manager/internal/pem"
	"github.com/cert-manager/cert-manager/lab/start"
	"github.com/cert-manager/cert-manager/pkg/controller"
	gatewayshim "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	listenersetshim "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/listenerset"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/venafi"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

func main() { start.Main("controller", run) }

// wanted names the controllers to run.
func wanted(cfg *config.ControllerConfiguration) sets.Set[string] {
	on, off := sets.New[string](), sets.New[string]()
	for _, name := range cfg.Controllers {
		switch not, isNot := strings.CutPrefix(name, "-"); {
		case isNot:
			off.Insert(not)
		case name == "*":
			on.Insert(defaults.DefaultEnabledControllers...)
		default:
			on.Insert(name)
		}
	}
	if on.Len() == 0 {
		on.Insert(defaults.DefaultEnabledControllers...)
	}
	gate := utilfeature.DefaultFeatureGate.Enabled
	if gate(feature.ExperimentalCertificateSigningRequestControllers) {
		on.Insert(defaults.ExperimentalCertificateSigningRequestControllers...)
	}
	if gate(feature.ExperimentalGatewayAPISupport) && cfg.EnableGatewayAPI {
		on.Insert(gatewayshim.ControllerName)
		if gate(feature.ListenerSets) && cfg.EnableGatewayAPIListenerSet {
			on.Insert(listenersetshim.ControllerName)
		}
	}
	if cfg.Namespace != "" {
		off.Insert(defaults.ClusterScopedControllers...)
	}
	return on.Difference(off)
}

func run(ctx context.Context) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	limits := cfg.PEMSizeLimitsConfig
	pem.SetGlobalSizeLimits(pem.NewSizeLimitsFromConfig(
		limits.MaxCertificateSize, limits.MaxPrivateKeySize, limits.MaxChainLength, limits.MaxBundleSize))

	opts, err := contextOptions(cfg)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(ctx, opts)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}

	if cfg.MetricsListenAddress != "0" {
		acme, certmanager := base.SharedInformerFactory.Acme().V1(), base.SharedInformerFactory.Certmanager().V1()
		base.Metrics.SetupACMECollector(acme.Challenges().Lister())
		base.Metrics.SetupCertificateCollector(certmanager.Certificates().Lister())
		base.Metrics.SetupIssuerCollector(certmanager.Issuers().Lister())
		base.Metrics.SetupClusterIssuerCollector(certmanager.ClusterIssuers().Lister())
		listener, err := net.Listen("tcp", cfg.MetricsListenAddress)
		if err != nil {
			return err
		}
		server := base.Metrics.NewServer(listener)
		group.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			return server.Close()
		})
	}
	health := healthz.NewServer(cfg.LeaderElectionConfig.HealthzTimeout)
	listener, err := net.Listen("tcp", cfg.HealthzListenAddress)
	if err != nil {
		return err
	}
	group.Go(func() error { return health.Start(ctx, listener) })

	group.Go(func() error {
		if !cfg.LeaderElectionConfig.Enabled {
			return runControllers(ctx, cfg, factory, base)
		}
		return lead(ctx, cfg, factory, health.LeaderHealthzAdaptor, func(ctx context.Context) error {
			return runControllers(ctx, cfg, factory, base)
		})
	})
	return group.Wait()
}

func runControllers(ctx context.Context, cfg *config.ControllerConfiguration, factory *controller.ContextFactory, base *controller.Context) error {
	log := logf.FromContext(ctx)
	names := wanted(cfg)
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range sets.List(names) {
		build, ok := controller.Known()[name]
		if !ok {
			return fmt.Errorf("unknown controller %q", name)
		}
		one, err := build(factory)
		if err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
		log.V(logf.InfoLevel).Info("starting controller", "controller", name)
		group.Go(func() error { return one.Run(cfg.NumberOfConcurrentWorkers, ctx) })
	}
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	if base.GatewaySolverEnabled {
		base.GWShared.Start(ctx.Done())
	}
	return group.Wait()
}
