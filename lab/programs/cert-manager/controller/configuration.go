package main

import (
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	"github.com/cert-manager/cert-manager/lab/start"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
)

// load reads the configuration file and the flags, which win over it.
func load() (*config.ControllerConfiguration, error) {
	doc, err := start.ConfigDocument("controller.config.cert-manager.io", "ControllerConfiguration")
	if err != nil {
		return nil, err
	}
	file := configfile.New()
	if err := file.DecodeAndConfigure(doc); err != nil {
		return nil, err
	}
	cfg := file.Config

	fs := pflag.NewFlagSet("controller", pflag.ContinueOnError)
	elect, shim, http01, dns01 := &cfg.LeaderElectionConfig, &cfg.IngressShimConfig, &cfg.ACMEHTTP01Config, &cfg.ACMEDNS01Config
	fs.StringVar(&cfg.KubeConfig, "kubeconfig", cfg.KubeConfig, "kubeconfig file; default is the pod's own service account")
	fs.StringVar(&cfg.Namespace, "namespace", cfg.Namespace, "only this namespace")
	fs.StringVar(&cfg.ClusterResourceNamespace, "cluster-resource-namespace", cfg.ClusterResourceNamespace, "namespace of ClusterIssuers' secrets")
	fs.StringSliceVar(&cfg.Controllers, "controllers", cfg.Controllers, "controllers to run: *, name, -name")
	fs.BoolVar(&elect.Enabled, "leader-elect", elect.Enabled, "elect a leader")
	fs.StringVar(&elect.Namespace, "leader-election-namespace", elect.Namespace, "namespace of the lease")
	fs.DurationVar(&elect.LeaseDuration, "leader-election-lease-duration", elect.LeaseDuration, "lease duration")
	fs.DurationVar(&elect.RenewDeadline, "leader-election-renew-deadline", elect.RenewDeadline, "renew deadline")
	fs.DurationVar(&elect.RetryPeriod, "leader-election-retry-period", elect.RetryPeriod, "retry period")
	fs.StringVar(&shim.DefaultIssuerName, "default-issuer-name", shim.DefaultIssuerName, "issuer of annotated resources that name none")
	fs.StringVar(&shim.DefaultIssuerKind, "default-issuer-kind", shim.DefaultIssuerKind, "its kind")
	fs.StringVar(&shim.DefaultIssuerGroup, "default-issuer-group", shim.DefaultIssuerGroup, "its group")
	fs.StringVar(&http01.SolverImage, "acme-http01-solver-image", http01.SolverImage, "solver image")
	fs.StringSliceVar(&http01.SolverNameservers, "acme-http01-solver-nameservers", http01.SolverNameservers, "name servers of HTTP-01 self checks")
	fs.StringSliceVar(&dns01.RecursiveNameservers, "dns01-recursive-nameservers", dns01.RecursiveNameservers, "name servers of DNS-01 self checks")
	fs.BoolVar(&dns01.RecursiveNameserversOnly, "dns01-recursive-nameservers-only", dns01.RecursiveNameserversOnly, "ask only those")
	fs.DurationVar(&dns01.CheckRetryPeriod, "dns01-check-retry-period", dns01.CheckRetryPeriod, "time between self checks")
	fs.IntVar(&cfg.MaxConcurrentChallenges, "max-concurrent-challenges", cfg.MaxConcurrentChallenges, "challenges in progress at once")
	fs.BoolVar(&cfg.EnableCertificateOwnerRef, "enable-certificate-owner-ref", cfg.EnableCertificateOwnerRef, "secrets go with their Certificate")
	fs.BoolVar(&cfg.EnableGatewayAPI, "enable-gateway-api", cfg.EnableGatewayAPI, "Gateway API support")
	fs.StringVar(&cfg.MetricsListenAddress, "metrics-listen-address", cfg.MetricsListenAddress, "metrics address, 0 for none")
	fs.StringVar(&cfg.HealthzListenAddress, "internal-healthz-listen-address", cfg.HealthzListenAddress, "health address")
	fs.DurationVar(&cfg.CertificateRequestMinimumBackoffDuration, "certificate-request-minimum-backoff-duration", cfg.CertificateRequestMinimumBackoffDuration, "first wait after a failed request")
	newFlags(fs, cfg)
	if err := start.Parse(fs, &cfg.Logging, &cfg.FeatureGates, true); err != nil {
		return nil, err
	}
	return cfg, start.Valid(validation.ValidateControllerConfiguration(cfg, nil))
}

// contextOptions maps the configuration to what the controllers take.
func contextOptions(cfg *config.ControllerConfiguration) (controller.ContextOptions, error) {
	nameservers := cfg.ACMEDNS01Config.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = dnsutil.RecursiveNameservers
	}
	http01 := cfg.ACMEHTTP01Config
	var quantities [4]resource.Quantity
	for i, text := range []string{
		http01.SolverResourceRequestCPU, http01.SolverResourceRequestMemory,
		http01.SolverResourceLimitsCPU, http01.SolverResourceLimitsMemory,
	} {
		q, err := resource.ParseQuantity(text)
		if err != nil {
			return controller.ContextOptions{}, fmt.Errorf("solver resource %q: %w", text, err)
		}
		quantities[i] = q
	}
	opts := controller.ContextOptions{
		APIServerHost:      cfg.APIServerHost,
		Kubeconfig:         cfg.KubeConfig,
		KubernetesAPIQPS:   cfg.KubernetesAPIQPS,
		KubernetesAPIBurst: cfg.KubernetesAPIBurst,
		Namespace:          cfg.Namespace,
		IssuerOptions: controller.IssuerOptions{
			ClusterResourceNamespace:        cfg.ClusterResourceNamespace,
			ClusterIssuerAmbientCredentials: cfg.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        cfg.IssuerAmbientCredentials,
		},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 http01.SolverImage,
			HTTP01SolverResourceRequestCPU:    quantities[0],
			HTTP01SolverResourceRequestMemory: quantities[1],
			HTTP01SolverResourceLimitsCPU:     quantities[2],
			HTTP01SolverResourceLimitsMemory:  quantities[3],
			ACMEHTTP01SolverRunAsNonRoot:      http01.SolverRunAsNonRoot,
			HTTP01SolverNameservers:           http01.SolverNameservers,
			DNS01CheckAuthoritative:           !cfg.ACMEDNS01Config.RecursiveNameserversOnly,
			DNS01Nameservers:                  nameservers,
			DNS01CheckRetryPeriod:             cfg.ACMEDNS01Config.CheckRetryPeriod,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 cfg.IngressShimConfig.DefaultIssuerName,
			DefaultIssuerKind:                 cfg.IngressShimConfig.DefaultIssuerKind,
			DefaultIssuerGroup:                cfg.IngressShimConfig.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: cfg.IngressShimConfig.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       cfg.IngressShimConfig.ExtraCertificateAnnotations,
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           cfg.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 cfg.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: cfg.CertificateRequestMinimumBackoffDuration,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: cfg.MaxConcurrentChallenges},
		ConfigOptions: controller.ConfigOptions{
			EnableGatewayAPI:            cfg.EnableGatewayAPI,
			EnableGatewayAPIListenerSet: cfg.EnableGatewayAPIListenerSet,
		},
	}
	newOptions(cfg, &opts)
	return opts, nil
}
