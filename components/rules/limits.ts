/** Limits that others set, each with its source. What an edge makes is split to fit into them, or refused beforehand. */

/**
 * The Gateway API's, the same in 1.2 and 1.6, from its CRDs (`maxItems` and `maxLength`):
 * https://gateway-api.sigs.k8s.io/reference/spec/
 */
export const gatewayApi = {
  /** `HTTPRoute.spec.hostnames`. */
  hostnames: 16,
  /** `HTTPRoute.spec.rules`. */
  rules: 16,
  /** `HTTPRoute.spec.rules[].backendRefs`. */
  backendRefs: 16,
  /** `HTTPRoute.spec.rules[].matches[].path.value`, in characters. */
  path: 1024,
  /** `Gateway.spec.listeners[].tls.certificateRefs`: the domains of an edge, each of which has its own certificate. */
  certificateRefs: 64,
};

/** Characters of a host name in DNS, and of one of its labels: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
export const dns = { name: 253, label: 63 };

/** Kubernetes': https://kubernetes.io/docs/concepts/overview/working-with-objects/ */
export const kubernetes = {
  /** Characters of the name of a Certificate, Secret or HTTPRoute, and of the prefix of a label's or annotation's key. */
  name: 253,
  /** Characters of a label's or annotation's key after its prefix. */
  key: 63,
  /** Characters of a label's value. */
  labelValue: 63,
  /** Bytes of all annotations of an object, keys and values (`TotalAnnotationSizeLimitB`). */
  annotations: 256 * 1024,
  /** Bytes of all values of a ConfigMap (`MaxSecretSize`): https://kubernetes.io/docs/concepts/configuration/configmap/ */
  configMap: 1024 * 1024,
};

/** Characters of a token's name: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/ */
export const cloudflareTokenName = 120;
