// TypeScript text in, tokens out: just enough to read string literals in their place, without a compiler.
// Source: ECMA-262, "Lexical Grammar"; Node 20 cannot import TypeScript, and these checks run without a build.

/**
 * @typedef {object} Token
 * @property {"word" | "string" | "regex" | "punctuator"} type
 * @property {string} value - The text; of a string literal, its value, with any `${}` left in it.
 * @property {number} line - The line it starts on, from 1.
 * @property {number} parent - The index of the bracket token that encloses it, or -1.
 * @property {number} partner - Of a bracket, the index of its other half; otherwise -1.
 */

const SPACE = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y;
const WORD = /[\p{ID_Continue}$#]+/uy;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const QUOTED = /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/y;
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "await",
  "yield",
  "new",
  "throw",
  "void",
]);
const CLOSES = { ")": "(", "]": "[", "}": "{" };
const ESCAPES = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", 0: "\0", "\n": "" };

/**
 * Splits a source text into tokens. String literals joined by `+` become one token, as one title may be written on two lines.
 *
 * @param {string} source - TypeScript or JavaScript.
 * @returns {Token[]}
 */
export function tokensOf(source) {
  return withBrackets(joinStrings([...scan(source)]));
}

function* scan(source) {
  let previous;
  let line = 1;
  let counted = 0;
  for (let at = 0; at < source.length;) {
    const space = match(SPACE, source, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    for (; counted < at; counted += 1) if (source[counted] === "\n") line += 1;
    const { type, text } = tokenAt(source, at, previous);
    previous = { type, value: type === "string" ? stringValue(text) : text, line, parent: -1, partner: -1 };
    yield previous;
    at += text.length;
  }
}

function tokenAt(source, at, previous) {
  if (source[at] === "`") return { type: "string", text: source.slice(at, templateEnd(source, at)) };
  const quoted = match(QUOTED, source, at);
  if (quoted !== null) return { type: "string", text: quoted };
  const regex = source[at] === "/" && startsExpression(previous) ? match(REGEX, source, at) : null;
  if (regex !== null) return { type: "regex", text: regex };
  const word = match(WORD, source, at);
  if (word === null) return { type: "punctuator", text: source[at] };
  return { type: "word", text: word };
}

// A slash after a value divides; anywhere else it starts a regular expression.
function startsExpression(previous) {
  if (previous === undefined) return true;
  if (previous.type === "word") return BEFORE_REGEX.has(previous.value);
  return previous.type === "punctuator" && !/[)\]}]/.test(previous.value);
}

// The index after the closing backtick; what stands in `${}` may hold strings, braces and templates of its own.
function templateEnd(source, start) {
  for (let at = start + 1; at < source.length;) {
    if (source[at] === "`") return at + 1;
    if (source[at] === "\\") at += 2;
    else if (source.startsWith("${", at)) at = substitutionEnd(source, at + 2);
    else at += 1;
  }
  return source.length;
}

function substitutionEnd(source, start) {
  let previous;
  let depth = 1;
  for (let at = start; at < source.length;) {
    const space = match(SPACE, source, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const { type, text } = tokenAt(source, at, previous);
    at += text.length;
    previous = { type, value: text };
    if (type !== "punctuator") continue;
    if (text === "{") depth += 1;
    if (text === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return source.length;
}

function stringValue(literal) {
  return literal
    .slice(1, -1)
    .replaceAll(
      /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([^]))/gi,
      (_, long, short, octet, other) => {
        const hex = long ?? short ?? octet;
        return hex === undefined ? (ESCAPES[other] ?? other) : String.fromCodePoint(Number.parseInt(hex, 16));
      },
    );
}

function joinStrings(tokens) {
  const joined = [];
  for (const token of tokens) {
    const plus = joined.at(-1);
    const before = joined.at(-2);
    if (
      token.type === "string" &&
      plus?.value === "+" &&
      plus.type === "punctuator" &&
      before?.type === "string"
    ) {
      joined.splice(-2, 2, { ...before, value: before.value + token.value });
    } else joined.push(token);
  }
  return joined;
}

function withBrackets(tokens) {
  const open = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type === "punctuator" && token.value in CLOSES) {
      const opening = open.at(-1);
      if (opening !== undefined && tokens[opening].value === CLOSES[token.value]) {
        open.pop();
        token.partner = opening;
        tokens[opening].partner = index;
      }
    }
    token.parent = open.at(-1) ?? -1;
    if (token.type === "punctuator" && /[([{]/.test(token.value)) open.push(index);
  }
  return tokens;
}

function match(pattern, source, at) {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}
