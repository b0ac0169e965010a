package main

import (
	"github.com/spf13/pflag"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/pkg/controller"
)

// newFlags has none to add: cert-manager 1.20 is older than the other folder's.
func newFlags(*pflag.FlagSet, *config.ControllerConfiguration) {}

func newOptions(*config.ControllerConfiguration, *controller.ContextOptions) {}
