// The scope of a request, from the PARAMS the web server sent.
// Sources: FastCGI 1.0 §5.2, §6.2 to §6.4; requirements F29 to F36, F40, F67, X33.

import {
  addMetaVariable,
  bodyLengthOf,
  corrected,
  metaVariables,
  scopeFromMetaVariables,
  type CgiExtension,
  type LengthVariables,
  type MetaSettings,
  type MetaVariables,
} from "@tsgi/cgi";
import { GatewayError, type EnvironOrigin, type Extensions, type HttpScopeInit } from "@tsgi/core";
import { AUTHORIZER, FILTER, RESPONDER } from "./constants.ts";
import { FilterData, type FilterInput } from "./filter-data.ts";
import { bufferOf, latin1Of } from "./latin1.ts";
import { decodePairs } from "./pairs.ts";
import type { ParamsBlock } from "./params-block.ts";
import { readQuickly, type QuickParams } from "./quick-params.ts";
import { quickScope } from "./quick-scope.ts";

/** The roles by name, as FCGI_ROLE says them. */
export type RoleName = "RESPONDER" | "AUTHORIZER" | "FILTER";

/** What `scope.extensions.fastcgi` says. */
export interface FastCgiExtension {
  readonly role: RoleName;
  /**
   * All parameters as they came, by name: also those that are no part of `extensions.cgi.env`, such as HTTP_PROXY. One that came
   * several times is joined if it is a header, and else the last. FCGI_ROLE is always there. No prototype.
   */
  readonly params: Readonly<Record<string, string>>;
  /** The file to be filtered, in the filter role; else `null`. */
  readonly data: FilterInput | null;
}

/** The parameters of a request, and what the extensions of its scope say: all that no scope needs is made when somebody asks. */
export class RequestParams implements FastCgiExtension, CgiExtension, EnvironOrigin {
  readonly role: RoleName;
  data: FilterInput | null = null;
  readonly #octets: string;
  readonly #settings: MetaSettings;
  readonly #quick: QuickParams | null;
  #pairs: readonly string[] | null;
  #env: MetaVariables | null = null;
  #environ: object | null = null;
  #params: Record<string, string> | null = null;

  /**
   * Reads a PARAMS stream.
   *
   * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`: answer 400; `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`: 431.
   */
  constructor({ bytes, start, end }: ParamsBlock, role: number, settings: MetaSettings, maxParams: number) {
    // Always a Buffer: two pieces of memory are compared several times as fast if they are of one kind.
    const buffer = bufferOf(bytes);
    const octets = latin1Of(buffer, start, end);
    this.#octets = octets;
    this.#settings = settings;
    this.role = roleName(role);
    const quickly = role === RESPONDER && settings.iis === false;
    this.#quick = quickly ? readQuickly(buffer, start, octets, maxParams) : null;
    this.#pairs = this.#quick === null ? decodePairs(octets, maxParams) : null;
  }

  /**
   * Bytes of the body; 0 without one, -1 if only its end will tell.
   *
   * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
   */
  get bodyLength(): number {
    // An authorizer is told of a request, and not given its body.
    return this.role === "AUTHORIZER" ? 0 : lengthOf(this.#quick ?? this.env);
  }

  /** The meta-variables. */
  get env(): MetaVariables {
    return (this.#env ??= this.#metaVariables());
  }

  /** See `extensions.wsgi`: the meta-variables put right. */
  get environ(): object {
    return (this.#environ ??= corrected(this.env, this.#settings));
  }

  /** What a sync app gets of them, unless somebody has them all: quicker than an environ of which another is made. */
  get beyondScope(): readonly string[] | null {
    if (this.#quick === null || this.#env !== null) return null;
    const beyond = this.#quick.beyondScope();
    beyond.push("FCGI_ROLE", this.role);
    return beyond;
  }

  get params(): Readonly<Record<string, string>> {
    return (this.#params ??= this.#allParams());
  }

  /**
   * Makes the scope.
   *
   * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
   */
  scope(): HttpScopeInit {
    const settings = this.#settings;
    if (this.#quick === null) {
      const extensions = { "tsgi.reason": REASON, fastcgi: this };
      return scopeFromMetaVariables(
        this.env,
        this.role === "AUTHORIZER" ? this.#unmounted() : settings,
        extensions,
      );
    }
    const extensions: Extensions = { "tsgi.reason": REASON, fastcgi: this, wsgi: this, cgi: this };
    return quickScope(this.#quick, settings, extensions);
  }

  /** An authorizer gets no SCRIPT_NAME and no PATH_INFO: REQUEST_URI tells the path. */
  #unmounted(): MetaSettings {
    const settings = this.#settings;
    const { SCRIPT_NAME = "", PATH_INFO = "" } = this.env;
    if (settings.scriptName !== null || SCRIPT_NAME + PATH_INFO !== "") return settings;
    return { ...settings, scriptName: "" };
  }

  #allPairs(): readonly string[] {
    return (this.#pairs ??= decodePairs(this.#octets));
  }

  #metaVariables(): MetaVariables {
    const pairs = this.#allPairs();
    const meta = metaVariables();
    for (let i = 0; i < pairs.length; i += 2) {
      addMetaVariable(meta, pairs[i] as string, pairs[i + 1] as string);
    }
    meta["FCGI_ROLE"] = this.role;
    return meta;
  }

  #allParams(): Record<string, string> {
    const pairs = this.#allPairs();
    const params = Object.create(null) as Record<string, string>;
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] as string;
      const before = name.startsWith("HTTP_") ? params[name] : undefined;
      const separator = name === "HTTP_COOKIE" ? "; " : ", ";
      params[name] = (before === undefined ? "" : before + separator) + (pairs[i + 1] as string);
    }
    params["FCGI_ROLE"] = this.role;
    return params;
  }
}

/** The app's reason phrase has a place in Status. */
const REASON: Readonly<Record<string, never>> = Object.freeze({});

/** What FCGI_ROLE is, whatever the web server calls it: the request was begun so. */
function roleName(role: number): RoleName {
  return role === FILTER ? "FILTER" : role === AUTHORIZER ? "AUTHORIZER" : "RESPONDER";
}

/** The methods whose requests have no body unless CONTENT_LENGTH says so. */
const BODILESS = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT", "PROPFIND"]);

/**
 * Where CONTENT_LENGTH is absent the body is what STDIN brings; but a web server may be late with the end of STDIN, or leave it out,
 * where there is nothing to bring.
 */
function lengthOf(meta: LengthVariables & { readonly REQUEST_METHOD?: string }): number {
  const length = bodyLengthOf(meta);
  const { CONTENT_LENGTH = "", REQUEST_METHOD = "" } = meta;
  return length === 0 && CONTENT_LENGTH === "" && !BODILESS.has(REQUEST_METHOD) ? -1 : length;
}

/**
 * What a filter is to filter, before any of it has come.
 *
 * @param taken - Called when something of it was taken, and there may be room again.
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
 */
export function filterData({ params }: RequestParams, taken: () => void): FilterData {
  return new FilterData(numberOf(params, "FCGI_DATA_LENGTH"), numberOf(params, "FCGI_DATA_LAST_MOD"), taken);
}

function numberOf(params: Readonly<Record<string, string>>, name: string): number {
  const text = params[name] ?? "";
  if (text === "") return -1;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  throw new GatewayError("TSGI_ERR_META_VARIABLE", `${name} is no number: ${JSON.stringify(text)}`);
}

/** The status of a request whose parameters could not be read. */
export function refusalStatus(error: unknown): number {
  if (!(error instanceof GatewayError)) return 500;
  return error.code === "TSGI_ERR_FASTCGI_TOO_MANY_PAIRS" ? 431 : 400;
}
