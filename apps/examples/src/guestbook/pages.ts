// The pages of the guestbook, and what becomes of an error: plain functions that return text.

import { Refused, type Guestbook } from "./guestbook.ts";

/** The page with all entries, for a visitor who may have signed in. */
export function frontPage(book: Guestbook, visitor: string | undefined): string {
  const entries = book.entries.map(({ name, text }) => `<li><b>${escape(name)}</b>: ${escape(text)}</li>`);
  const form =
    visitor === undefined
      ? `<form method="post" action="/sign-in"><input name="name" placeholder="Your name"><button>Sign in</button></form>`
      : `<p>Hello ${escape(visitor)}.</p>
<form method="post" action="/entries"><input name="text" placeholder="Your entry"><button>Write</button></form>
<form method="post" action="/picture" enctype="multipart/form-data"><input type="file" name="picture"><button>Hang</button></form>`;
  return page("Guestbook", `<ul>\n${entries.join("\n")}\n</ul>\n${form}`);
}

/** An answer to an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What a visitor sees of an error: JSON below `/api/`, else a page. Only what was refused on purpose says why. */
export function errorAnswer(error: unknown, path: string): ErrorAnswer {
  const status = statusOf(error);
  if (status === 500) console.error(error);
  const message = error instanceof Refused ? error.message : (MESSAGES[status] ?? "That did not work.");
  if (path.startsWith("/api/")) {
    return { status, type: "application/json; charset=utf-8", body: JSON.stringify({ error: message }) };
  }
  return { status, type: "text/html; charset=utf-8", body: page("Sorry", `<p>${escape(message)}</p>`) };
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: "That was not understood.",
  413: "That is too much.",
};

/** The status an error asks for, in the ways of Express (`status`), Fastify (`statusCode`), Hono (`status`) and multer. */
function statusOf(error: unknown): number {
  const { status, statusCode, code } = error as { status?: unknown; statusCode?: unknown; code?: unknown };
  if (code === "LIMIT_FILE_SIZE") return 413;
  const asked = Number(status ?? statusCode);
  return asked >= 400 && asked < 500 ? asked : 500;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
<h1>${title}</h1>
${body}
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
