// Every step of the migration is the same guestbook to its visitors.

import { describe } from "vitest";
import { testGuestbook } from "../guestbook/behaviour.test-support.ts";

describe.each([
  ["step 0, Express alone", "step-0.ts"],
  ["step 1, Express in Fastify", "step-1.ts"],
  ["step 2, some routes are Fastify's own", "step-2.ts"],
  ["step 3, Fastify alone", "step-3.ts"],
])("%s", (_step, file) => {
  testGuestbook(`express-to-fastify/${file}`);
});
