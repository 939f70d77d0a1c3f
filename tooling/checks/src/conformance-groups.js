// The groups of adapters: each has a page of its own, and elsewhere its name stands for the names of its adapters.
// Source: the names of the adapters, as the tests that run the suite on them give them.

/**
 * @typedef {import("./conformance-reports.js").Report} Report
 *
 * @typedef {object} Group
 * @property {string} title - The heading of its page.
 * @property {string} label - Its name in a list.
 * @property {string} file - The name of its page in the folder of the reports.
 * @property {boolean} isWebServer - Whether its adapters are one program behind which guests of several kinds stand.
 * @property {Report[]} reports - Those of its adapters, in their order.
 */

// The first that fits: what runs on Bun is called after its adapter, too.
const RULES = [
  { label: "runtimes", title: "Runtimes: Bun, Deno, workerd", fits: /\b(?:Bun|Deno|workerd)$/ },
  { label: "servers", title: "Servers", fits: /^(?:serveNode|toNode|in memory)\b/ },
  { label: "frameworks", title: "Frameworks and fetch", fits: /^(?:Express|toFastify|toHono|toFetch)\b/ },
  { label: "upstreams", title: "Upstreams: in fromCgi and fromFastCgi", fits: /\bin from(?:Cgi|FastCgi)\b/ },
  ...["nginx", "Apache", "lighttpd", "Caddy", "HAProxy"].map((server) => ({
    label: `behind ${server}`,
    title: `Behind ${server}`,
    fits: new RegExp(String.raw`\b${server}\b`),
    isWebServer: true,
  })),
  { label: "others", title: "Other adapters", fits: /^/ },
];
const ORDER = ["servers", "frameworks", "runtimes", "upstreams"];

/**
 * Sorts the adapters into groups; a group without any is left out. An adapter whose name says nothing is one of the others.
 *
 * @param {readonly Report[]} reports
 * @returns {Group[]}
 */
export function groupsOf(reports) {
  const groups = RULES.map(({ label, title, isWebServer = false }) => {
    const file = `${label.replaceAll(" ", "-").toLowerCase()}.md`;
    return { title, label, file, isWebServer, reports: [] };
  });
  for (const report of reports) {
    groups[RULES.findIndex(({ fits }) => fits.test(report.adapter))].reports.push(report);
  }
  const rank = ({ label }) => (ORDER.includes(label) ? ORDER.indexOf(label) : ORDER.length);
  return groups.filter((group) => group.reports.length > 0).toSorted((a, b) => rank(a) - rank(b));
}

/**
 * Makes the function that says a list of adapters in few words: `[servers] (2 of 7), [behind HAProxy] (7)`. The names in
 * brackets are links if the page ends with `linksTo`.
 *
 * @param {readonly { label: string, members: readonly string[] }[]} groups - With the names of their adapters.
 * @returns {(adapters: Iterable<string>) => string}
 */
export function placesIn(groups) {
  return (adapters) => {
    const named = new Set(adapters);
    const places = groups.flatMap(({ label, members }) => {
      const count = members.filter((member) => named.has(member)).length;
      if (count === 0) return [];
      return [`[${label}] (${count === members.length ? "" : `${count} of `}${members.length})`];
    });
    return places.join(", ");
  };
}

/**
 * The targets of the links that `placesIn` makes.
 *
 * @param {readonly { label: string, file: string }[]} groups
 * @param {string} folder - The way to the pages of the groups: `""` from one of them.
 */
export function linksTo(groups, folder) {
  return `\n${groups.map(({ label, file }) => `[${label}]: ${folder}${file}`).join("\n")}`;
}

/** The letter of a column or line: A to Z, then AA. */
export function letter(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : `${letter(Math.floor(index / 26) - 1)}${last}`;
}

/**
 * Some of the adapters of a page by their letters: `A–D, F`; `all` for all of them.
 *
 * @param {readonly number[]} indices - Ascending.
 * @param {number} total - How many adapters the page has.
 */
export function lettersOf(indices, total) {
  if (indices.length === total) return "all";
  const runs = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run?.at(-1) === index - 1) run.push(index);
    else runs.push([index]);
  }
  const texts = runs.flatMap((run) =>
    run.length < 3 ? run.map(letter) : [`${letter(run[0])}–${letter(run.at(-1))}`],
  );
  return texts.join(", ");
}
