package main

import (
	"context"
	"errors"
	"os"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/pkg/controller"
)

const leaseName = "cert-manager-controller"

// lead runs the given function for as long as this process holds the lease.
func lead(ctx context.Context, cfg *config.ControllerConfiguration, factory *controller.ContextFactory,
	watchdog *leaderelection.HealthzAdaptor, run func(context.Context) error) error {
	elect, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, cfg.LeaderElectionConfig.Namespace, leaseName,
		elect.Client.CoreV1(), elect.Client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID()), EventRecorder: elect.Recorder})
	if err != nil {
		return err
	}
	leading, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		Name:            leaseName,
		LeaseDuration:   cfg.LeaderElectionConfig.LeaseDuration,
		RenewDeadline:   cfg.LeaderElectionConfig.RenewDeadline,
		RetryPeriod:     cfg.LeaderElectionConfig.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        watchdog,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) {
				ended <- run(ctx)
				cancel()
			},
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return err
	}
	elector.Run(leading)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done(): // asked to stop
		return nil
	default:
		return errors.New("lost the lease")
	}
}
