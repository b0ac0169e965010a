/** A run's container starts without files: what is a file to Pulumi comes in the environment, and is written before Pulumi starts. */
export const path = "/tmp/kubeconfig";
export const command = `umask 077 && printf '%s' "$KUBECONFIG_TEXT" > "$KUBECONFIG"`;
