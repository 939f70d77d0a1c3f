// The scopes of a connection's requests, from the PARAMS the web server sent.
// Sources: FastCGI 1.0 §5.2, §6.2 to §6.4; requirements F29 to F36, F40, F67, X33.

import {
  addMetaVariable,
  bodyLengthOf,
  metaVariables,
  scopeFromMetaVariables,
  type CgiExtension,
  type MetaSettings,
  type MetaVariables,
} from "@tsgi/cgi";
import { GatewayError, type Extensions, type HttpScopeInit } from "@tsgi/core";
import { AUTHORIZER, FILTER } from "./constants.ts";
import type { FilterInput } from "./filter-data.ts";
import { ordinaryScope, slotOf, type KnownServer } from "./ordinary-scope.ts";
import type { ParamsBlock } from "./params-block.ts";
import { ParamsReader, type ParamsTable } from "./params-table.ts";

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

/** The parameters of a request, read. */
export class RequestParams implements FastCgiExtension, CgiExtension {
  readonly role: RoleName;
  data: FilterInput | null = null;
  readonly #table: ParamsTable;
  readonly #settings: MetaSettings;
  #env: MetaVariables | null = null;
  #environ: object | null = null;
  #params: Record<string, string> | null = null;
  #root: string | null = null;

  constructor(table: ParamsTable, role: number, settings: MetaSettings) {
    this.#table = table;
    this.role = role === FILTER ? "FILTER" : role === AUTHORIZER ? "AUTHORIZER" : "RESPONDER";
    // An authorizer gets no SCRIPT_NAME and no PATH_INFO: REQUEST_URI tells the path.
    const unmounted =
      role === AUTHORIZER &&
      settings.scriptName === null &&
      slotOf(table, "SCRIPT_NAME") + slotOf(table, "PATH_INFO") === "";
    this.#settings = unmounted ? { ...settings, scriptName: "" } : settings;
  }

  /** The scope was made without meta-variables: below this prefix, if the options say so, else as the web server does. */
  wasOrdinary(rootPath: string): void {
    if (this.#settings.scriptName !== null) this.#root = rootPath;
  }

  get table(): ParamsTable {
    return this.#table;
  }

  get settings(): MetaSettings {
    return this.#settings;
  }

  /** The meta-variables, made when somebody asks. */
  get env(): MetaVariables {
    return (this.#env ??= this.#metaVariables());
  }

  /** See `extensions.wsgi`: the meta-variables, put right. */
  get environ(): object {
    return (this.#environ ??= this.#root === null ? this.env : this.#mounted(this.#root));
  }

  get params(): Readonly<Record<string, string>> {
    return (this.#params ??= this.#allParams());
  }

  /**
   * The scope as all kinds of meta-variables give it.
   *
   * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
   */
  generalScope(extensions: Extensions): HttpScopeInit {
    const scope = scopeFromMetaVariables(this.env, this.#settings, extensions);
    this.#environ = scope.extensions.wsgi?.environ ?? null;
    return scope;
  }

  #metaVariables(): MetaVariables {
    const { names, values } = this.#table;
    const meta = metaVariables();
    for (let i = 0; i < values.length; i += 1) {
      const name = names.names[i] as string;
      if (names.repeated) addMetaVariable(meta, name, values[i] as string);
      else if (names.kept[i] === true) meta[name] = values[i] as string;
    }
    meta["FCGI_ROLE"] = this.role;
    return meta;
  }

  #mounted(root: string): MetaVariables {
    const path = slotOf(this.#table, "REQUEST_URI").split("?", 1)[0] as string;
    const mounted = { SCRIPT_NAME: root, PATH_INFO: path.slice(root.length) };
    return Object.assign(metaVariables(), this.env, mounted);
  }

  #allParams(): Record<string, string> {
    const { names, values } = this.#table;
    const params = Object.create(null) as Record<string, string>;
    for (let i = 0; i < values.length; i += 1) {
      const name = names.names[i] as string;
      const before = name.startsWith("HTTP_") ? params[name] : undefined;
      const separator = name === "HTTP_COOKIE" ? "; " : ", ";
      params[name] = (before === undefined ? "" : before + separator) + (values[i] as string);
    }
    params["FCGI_ROLE"] = this.role;
    return params;
  }
}

const REASON = Object.freeze({});

/** Makes the scopes of one connection's requests. */
export class ScopeMaker {
  readonly #reader = new ParamsReader();
  #known: KnownServer | null = null;

  /**
   * Reads a PARAMS stream.
   *
   * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`: answer 400; `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`: 431.
   */
  read(block: ParamsBlock, role: number, settings: MetaSettings, maxParams: number): RequestParams {
    const { bytes, start, end } = block;
    return new RequestParams(this.#reader.read(bytes, start, end, maxParams), role, settings);
  }

  /**
   * Makes the scope.
   *
   * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
   */
  scopeOf(params: RequestParams, state: object | null): HttpScopeInit {
    const { table, settings } = params;
    const extensions: Extensions = {
      "tsgi.reason": REASON,
      fastcgi: params,
      wsgi: params,
      cgi: params,
    };
    const ordinary = ordinaryScope(table, settings, this.#known, state, extensions);
    if (ordinary !== null) {
      params.wasOrdinary(ordinary.root_path);
      return ordinary;
    }
    const scope = params.generalScope({ "tsgi.reason": REASON, fastcgi: params });
    (scope as { state: unknown }).state = state;
    this.#known = {
      name: slotOf(table, "SERVER_NAME"),
      port: slotOf(table, "SERVER_PORT"),
      scheme: scope.scheme,
      server: scope.server,
    };
    return scope;
  }
}

/** A length that no doubt is about. */
const LENGTH = /^\d{1,15}$/;

/** The methods whose requests have no body unless CONTENT_LENGTH says so. */
const BODILESS = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT", "PROPFIND"]);

/**
 * Bytes of the body; 0 without one, -1 if only its end will tell. Where CONTENT_LENGTH is absent the body is what STDIN brings; but a web
 * server may be late with the end of STDIN, or leave it out, where there is nothing to bring.
 *
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
 */
export function requestBodyLength(params: RequestParams): number {
  const { table, role } = params;
  // An authorizer is told of a request, and not given its body.
  if (role === "AUTHORIZER") return 0;
  const text = slotOf(table, "CONTENT_LENGTH");
  const plain = !table.names.repeated && slotOf(table, "HTTP_TRANSFER_ENCODING") === "";
  if (plain && LENGTH.test(text)) return Number(text);
  if (!plain || text !== "") {
    const length = bodyLengthOf(params.env);
    const { CONTENT_LENGTH = "" } = params.env;
    if (length !== 0 || CONTENT_LENGTH !== "") return length;
  }
  return BODILESS.has(slotOf(table, "REQUEST_METHOD")) ? 0 : -1;
}

/**
 * The number that FCGI_DATA_LENGTH or FCGI_DATA_LAST_MOD gives; -1 if there is none.
 *
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
 */
export function dataNumber({ params }: RequestParams, name: string): number {
  const text = params[name] ?? "";
  if (text === "") return -1;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  throw new GatewayError("TSGI_ERR_META_VARIABLE", `${name} is no number: ${JSON.stringify(text)}`);
}
