// The load generator's process: opens connections and sends requests as the bench tells it.
import { answerParent } from "./answer.ts";
import { Load } from "./load.ts";
import { loadScenario } from "./scenario.ts";

const load = new Load();

answerParent(null, async (question) => {
  switch (question.ask) {
    case "open": {
      const scenario = await loadScenario(question.scenario);
      const exchange = { request: scenario.request(), status: scenario.status, body: scenario.body() };
      return load.open(question.port, exchange, question.connections);
    }
    case "run":
      return load.run(question.requests, question.limit);
    case "still-open":
      return load.stillOpen;
    case "close":
      return load.close();
    default:
      throw new Error(`The load generator cannot answer ${question.ask}`);
  }
});
