/** Waits out the moment in which cert-manager's webhook is installed but not yet trusted or reachable. */
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

const attempts = 30;
const pause = 2_000;

/** Tells whether an error is the webhook's own, and not its verdict on the object. */
export const isWebhookUnready = (error: string): boolean =>
  /failed calling webhook "webhook\.cert-manager\.io".*(x509|no endpoints available|connection refused|context deadline exceeded|service unavailable|i\/o timeout)/is.test(
    error,
  );

/**
 * A hook that repeats a failed create or update as long as the webhook is not ready, at most for a minute.
 * The API server says so after the Release is complete, because the CA bundle is injected later:
 * https://cert-manager.io/docs/concepts/webhook/
 */
export const webhookRetry = (name: string): pulumi.ResourceHookBinding => ({
  onError: [
    new pulumi.ErrorHook(name, async ({ errors }) => {
      if (errors.length >= attempts || !isWebhookUnready(errors[0] ?? "")) return false;
      await sleep(pause);
      return true;
    }),
  ],
});
