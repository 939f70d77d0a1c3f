// What Node's HTTP/1 parser refuses before any app is asked: the same for every adapter on node:http.
// Source: llhttp, https://github.com/nodejs/llhttp (its list of methods; a target is ASCII).

import { casesNamed } from "./run.ts";

/** The cases that no server on node:http can pass, with the reasons: `skip: { ...nodeParserSkips }`. */
export const nodeParserSkips: Readonly<Record<string, string>> = {
  ...casesNamed(
    "Node's parser answers 400 to an octet above 0x7F in a target",
    "paths: raw UTF-8 octets are taken as they are",
    "paths: a raw octet that is not UTF-8 is kept in PATH_INFO and raw_path",
  ),
  ...casesNamed(
    "Node's parser answers 400 to a method it does not know",
    "methods: UNHEARD-OF reaches the app in upper case",
  ),
};
