/** The official client, changed to send the provider's requests. It has its own file because it is slow to load. */
import Cloudflare from "cloudflare";

export class Client extends Cloudflare {
  /** The provider sends requests without a credential too, and people know the API's refusal. */
  protected override validateHeaders(): void {}

  /** Encodes a space as `+` and sorts the names, as in the recording. */
  protected override stringifyQuery(query: Record<string, string>): string {
    const parameters = new URLSearchParams(query);
    parameters.sort();
    return parameters.toString();
  }
}
