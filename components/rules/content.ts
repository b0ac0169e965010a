/**
 * What Envoy refuses although the API server and Envoy Gateway have taken it. It then refuses the whole table of routes: nobody's change
 * arrives any more, and a proxy that starts has no routes at all. So it is refused to whoever writes it.
 */
import { attaches, changes, gatewayApi, orNone, type Policy, rule, tenants, text, written } from "./admission";
import type { Names } from "./names";
import { readsOperatorsInBodies, type VersionSet } from "./versions";

/**
 * Envoy's command operators in header values and pages that tenants may use: those of a request, its answer and its connection. Not among
 * them are what tells of the proxy, such as ENVIRONMENT, and what has a grammar of its own, such as CEL and START_TIME's format.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
const operators = {
  plain: [
    "PROTOCOL",
    "START_TIME",
    "REQUESTED_SERVER_NAME",
    "RESPONSE_CODE",
    "RESPONSE_FLAGS",
    "ROUTE_NAME",
    "STREAM_ID",
    "TRACE_ID",
    "DOWNSTREAM_REMOTE_ADDRESS",
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_REMOTE_PORT",
    "DOWNSTREAM_TLS_CIPHER",
    "DOWNSTREAM_TLS_VERSION",
    "UPSTREAM_HOST",
  ],
  ofHeader: ["REQ", "RESP"],
};

const headerName = "[A-Za-z0-9:_-]+";

/** A text in which each percent sign is doubled or belongs to an operator. */
export const format = `^([^%]|%%|%(${operators.plain.join("|")})%|%(${operators.ofHeader.join("|")})[(]${headerName}([?]${headerName})?[)](:[0-9]{1,3})?%)*$`;

/*
 * What follows is looked for in a whole spec as CEL writes it, in which a line break is \n and each backslash stands twice.
 */
const whole = (pattern: string): string => `(^|[^\\\\])${pattern}`;

/** A line break or NUL, which no header and no path may hold. */
export const control = whole("(\\\\\\\\)*\\\\(n|r|x00)");

/** A character above U+00FF by its number: Envoy reads regular expressions byte by byte, and Envoy Gateway checks them as Go has them. */
export const wideCharacter = whole("(\\\\\\\\\\\\\\\\)*\\\\\\\\(x[{]0*[1-9A-Fa-f][0-9A-Fa-f]{2,}|[4-7][0-7][0-7])");

/** The name of the field where it was found, and the beginning of its value. */
const field = "[^,{]{0,60}";

const isBad = (value: string): string => `(${value}.contains("%") && !${value}.matches(${text(format)}))`;

/** A text around its first percent sign: a message has at most 5 KiB. */
const excerpt = (value: string): string => `${value}.find(".{0,20}%.{0,20}")`;

const joined = (list: string): string => `${list}.filter(words, words != "").join(", ")`;
const all = (...texts: string[]): string => joined(`[${texts.join(", ")}]`);

/** What is wrong in the values of a list, as one text, since CEL flattens no lists. */
const inEach = (list: string, name: string, wrong: string): string => joined(`${list}.map(${name}, ${wrong})`);

/** A field that is there and no good format. */
const badField = (field: string): string => `(has(${field}) && ${isBad(field)} ? ${excerpt(field)} : "")`;

/** The headers of a modifier whose value is no good format. */
const badHeaders = (modifier: string): string =>
  `(has(${modifier}) ? ${inEach(
    `(${orNone(`${modifier}.set`)} + ${orNone(`${modifier}.add`)})`,
    "header",
    `(${isBad("header.value")} ? header.name + ": " + ${excerpt("header.value")} : "")`,
  )} : "")`;

/** In the filters of a route's rules and of their backends. */
const inRoute = inEach(
  orNone("object.spec.rules"),
  "rule",
  inEach(
    `([rule] + ${orNone("rule.backendRefs")})`,
    "holder",
    inEach(
      orNone("holder.filters"),
      "filter",
      all(badHeaders("filter.requestHeaderModifier"), badHeaders("filter.responseHeaderModifier")),
    ),
  ),
);

/** The values of an object but some. */
const without = (object: string, ...fields: string[]): string =>
  `${object}.filter(field, !(field in [${fields.map(text).join(", ")}])).map(field, ${object}[field])`;

/** All of a spec but its pages and keys, which have lines. */
const plain = `"%s".format([[${[
  without("object.spec", "directResponse", "responseOverride", "jwt"),
  'variables.answers.map(answer, answer.filter(field, field != "body").map(field, answer[field]))',
  `${orNone("object.spec.responseOverride")}.map(each, ${without("each", "response")})`,
  `(has(object.spec.jwt) ? object.spec.jwt.providers.map(each, ${without("each", "localJWKS")}) : [])`,
].join(", ")}]])`;

/** What an HTTPRouteFilter answers. */
const direct = "object.spec.directResponse";
const inDirect = (wrong: string): string => `(has(${direct}) ? ${wrong} : "")`;

/** A duration below the spec that is there and nothing. */
const zero = (path: string): string => {
  const fields = path.split(".").map((_, nth, all) => ["object.spec", ...all.slice(0, nth + 1)].join("."));
  const last = `object.spec.${path}`;
  return `(${fields.map((field) => `has(${field})`).join(" && ")} && ${last}.matches("^(0+(h|m|s|ms))+$") ? "${path}: " + ${last} : "")`;
};

/** What Envoy would refuse, as a text for each rule that is empty when there is nothing. */
const refused = (versions: VersionSet) => ({
  code: all(...["lua", "wasm", "dynamicModule"].map((field) => `(has(object.spec.${field}) ? "${field}" : "")`)),
  formats: all(
    inRoute,
    inDirect(
      all(
        badField(`${direct}.contentType`),
        badHeaders(`${direct}.header`),
        ...(readsOperatorsInBodies(versions)
          ? [`(has(${direct}.body) ? ${badField(`${direct}.body.inline`)} : "")`]
          : []),
      ),
    ),
  ),
  references: readsOperatorsInBodies(versions)
    ? inDirect(
        `(has(${direct}.body) && has(${direct}.body.valueRef) ? "ConfigMap " + ${direct}.body.valueRef.name : "")`,
      )
    : '""',
  hosts: inDirect(
    `(has(${direct}.header) ? ${inEach(
      `(${orNone(`${direct}.header.set`)} + ${orNone(`${direct}.header.add`)})`,
      "header",
      '(header.name.lowerAscii() == "host" ? header.name : "")',
    )} : "")`,
  ),
  statuses: inEach(
    "variables.answers",
    "answer",
    '(has(answer.statusCode) && (answer.statusCode < 200 || answer.statusCode > 599) ? string(answer.statusCode) : "")',
  ),
  zeros: all(zero("timeout.tcp.connectTimeout"), zero("faultInjection.delay.fixedDelay")),
  controls: `variables.plain.find(${text(`${field}${control}`)}).trim()`,
  expressions: `variables.plain.find(${text(`${field}${wideCharacter}`)}).trim()`,
});

const rules: Record<keyof ReturnType<typeof refused>, [must: string, hint: string]> = {
  code: [
    "an EnvoyExtensionPolicy must not bring code into the proxies",
    "a loop in it would stop every route of the edge; use extProc, or ask whoever runs the edge",
  ],
  formats: [
    "a percent sign must be doubled",
    "write %% for it; of Envoy's operators %REQ(name)%, %RESP(name)%, %START_TIME% and the like are taken",
  ],
  references: [
    "a body must be inline",
    "what a ConfigMap holds is not checked, and a single percent sign in it would stop every route of the edge",
  ],
  hosts: ["headers of an answer must be others than host", "an answer has none"],
  statuses: ["statusCode must be from 200 to 599", "Envoy gives no other answers"],
  zeros: ["these times must be above zero", "Envoy knows no 0s for them: leave the field out"],
  controls: ["headers, paths and the like must be one line", "take the line break out"],
  expressions: [
    "a regular expression must have no characters above \\xFF by number",
    "write the characters themselves, not as a class: Envoy reads bytes",
  ],
};

/** Nothing that Envoy would refuse, in what tenants write for it. */
export const contentPolicy = (names: Names, versions: VersionSet): Policy => ({
  matchConstraints: {
    namespaceSelector: tenants(names),
    resourceRules: [
      written(gatewayApi, "httproutes", "grpcroutes"),
      written(
        "gateway.envoyproxy.io",
        "httproutefilters",
        "backendtrafficpolicies",
        "securitypolicies",
        "envoyextensionpolicies",
      ),
    ],
  },
  matchConditions: [
    { ...attaches(names), expression: `!has(object.spec.parentRefs) || ${attaches(names).expression}` },
    changes,
  ],
  variables: [
    {
      name: "answers",
      expression: `(has(${direct}) ? [${direct}] : []) + ${orNone("object.spec.responseOverride")}.filter(each, has(each.response)).map(each, each.response)`,
    },
    { name: "plain", expression: plain },
    ...Object.entries(refused(versions)).map(([name, expression]) => ({ name, expression })),
  ],
  validations: Object.entries(rules).map(([name, [must, hint]]) =>
    rule(`variables.${name} == ""`, text(must), `variables.${name}`, text(hint)),
  ),
});
