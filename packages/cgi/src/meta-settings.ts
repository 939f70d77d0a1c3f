// What has to be known of a web server to read its meta-variables; shared by the CGI and the FastCGI programs.
// Source: requirements C32 to C36; wsgiref IISCGIHandler; Plack's IIS6ScriptNameFix, IIS7KeepAliveFix, LighttpdScriptNameFix.

import { GatewayError, nativeString, type OptionNames } from "@tsgi/core";

/** What a web server's meta-variables need to be understood. */
export interface MetaOptions {
  /**
   * The path the program is mounted at (`""` for the root), where the web server does not tell: SCRIPT_NAME becomes this, and PATH_INFO
   * is the rest of REQUEST_URI, or of the path the server sent where there is no REQUEST_URI. For nginx without
   * `fastcgi_split_path_info`, for Apache's mod_proxy_fcgi, and for lighttpd at the root. Default: SCRIPT_NAME as it is sent.
   */
  readonly scriptName?: string;
  /**
   * For Microsoft's IIS. `true`: PATH_INFO begins with SCRIPT_NAME again, which is taken off. `"iis6"`: SCRIPT_NAME is PATH_INFO without
   * what PATH_TRANSLATED ends with. `"iis7"`: as `true`, and redirects (301, 302, 303) leave without their body, which that
   * server would cut on a connection that is kept. Default: `false`.
   */
  readonly iis?: boolean | "iis6" | "iis7";
  /**
   * Whether REDIRECT_HTTP_AUTHORIZATION counts as HTTP_AUTHORIZATION if there is none: where Apache hands Authorization on by a rewrite
   * rule only. Default: `false`.
   */
  readonly redirectAuthorization?: boolean;
}

/** The names of {@link MetaOptions}. */
export const META_OPTIONS: OptionNames<MetaOptions> = {
  scriptName: true,
  iis: true,
  redirectAuthorization: true,
};

/** {@link MetaOptions}, checked and complete. */
export interface MetaSettings {
  /** As octets, without a slash at its end; `null` to take what is sent. */
  readonly scriptName: string | null;
  readonly iis: boolean | "iis6" | "iis7";
  readonly redirectAuthorization: boolean;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function metaSettings(options: MetaOptions): MetaSettings {
  const { scriptName, iis = false, redirectAuthorization = false } = options;
  if (scriptName !== undefined && !/^(?:\/|$)/.test(scriptName)) {
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `scriptName is "" or begins with a slash, unlike ${JSON.stringify(scriptName)}`,
    );
  }
  if (typeof iis !== "boolean" && iis !== "iis6" && iis !== "iis7") {
    throw new GatewayError("TSGI_ERR_OPTION", `iis is true, false, "iis6" or "iis7", not ${String(iis)}`);
  }
  if (typeof redirectAuthorization !== "boolean") {
    throw new GatewayError("TSGI_ERR_OPTION", "redirectAuthorization is true or false");
  }
  return {
    scriptName: scriptName === undefined ? null : nativeString(scriptName).replace(/\/+$/, ""),
    iis,
    redirectAuthorization,
  };
}
