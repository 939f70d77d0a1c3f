// One portable app of two halves, async and sync. It knows no server: the files beside it each give it one.

import { mount, withLifespan, wsgi, type AsgiApp } from "@tsgi/core";
import { shout, type State } from "./shout.ts";
import { words } from "./words.ts";

/** The async app, with the sync one below `/words`, and what both need while they run. */
export const app: AsgiApp<State> = withLifespan(
  mount("/words", wsgi(words), shout),
  async function* (state: State) {
    state.greeting = "Good day";
    yield;
    console.log("The app was put away");
  },
);
