// The examples in a page: its ```ts blocks, what each says it prints, and the ```console block that talks to it.
// Source: the conventions under "Examples in pages" in CONTRIBUTING.md.

/**
 * @typedef {object} Example
 * @property {string} page - The page, from the root, with forward slashes.
 * @property {number} line - The line of its opening fence.
 * @property {string} name - The file it is saved as: what its first line says (`// app.ts`), else a name of its own.
 * @property {boolean} named - Whether other examples of the page may import it.
 * @property {boolean} run - Whether it is run; all are type-checked.
 * @property {string} code - The text.
 * @property {string[]} prints - What its `// =>` comments say it prints, line by line.
 * @property {Command[]} commands - What the console block after it does.
 */

/**
 * @typedef {object} Command
 * @property {string} command - After the prompt.
 * @property {string} output - What follows it, without the last line break.
 */

const FENCE = /^```(\w+)([^\n]*)\n(.*?)^```$/gms;
const NAME = /^\/\/ ([\w.-]+\.ts)\b/;
const PRINTS = /\/\/ => ?(.*)$/gm;

/**
 * Takes the examples out of a page, in their order.
 *
 * @param {string} markdown
 * @param {string} page
 * @returns {Example[]}
 */
export function examplesOf(markdown, page) {
  const examples = [];
  for (const { index, 1: language, 2: info, 3: code } of markdown.matchAll(FENCE)) {
    const line = markdown.slice(0, index).split("\n").length;
    if (language === "console") examples.at(-1)?.commands.push(...commandsOf(code));
    if (language !== "ts") continue;
    const name = NAME.exec(code)?.[1];
    examples.push({
      page,
      line,
      name: name ?? `line-${line}.ts`,
      named: name !== undefined,
      run: !/\bno-run\b/.test(info),
      code,
      prints: Array.from(code.matchAll(PRINTS), ([, text]) => text.trimEnd()),
      commands: [],
    });
  }
  return examples;
}

/**
 * Whether running an example shows anything: it says what it prints, a console block talks to it, or another imports it.
 *
 * @param {Example} example
 * @param {Example[]} page - All examples of its page.
 */
export function provesSomething(example, page) {
  if (example.prints.length > 0 || example.commands.length > 0) return true;
  return example.named && page.some(({ code, run }) => run && code.includes(`"./${example.name}"`));
}

function commandsOf(block) {
  const commands = [];
  for (const line of block.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands.map(({ command, output }) => ({ command, output: output.join("\n") }));
}

/**
 * Reads a `curl` command: the URL, and of the options only `-i` (shows the status line), `-X`, `-H`, `-d`, `-s` and `-N`.
 *
 * @param {string} command
 * @returns {{ url: string, method: string, headers: [string, string][], body: string | null, head: boolean }}
 */
export function readCurl(command) {
  const words = Array.from(
    command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    (match) => match[1] ?? match[2] ?? match[3],
  );
  if (words.shift() !== "curl")
    throw new Error(`Only curl is understood in a console block, not: ${command}`);
  const request = { url: "", method: "", headers: [], body: null, head: false };
  while (words.length > 0) {
    const word = words.shift();
    if (word === "-i") request.head = true;
    else if (word === "-X") request.method = words.shift();
    else if (word === "-d") request.body = words.shift();
    else if (word === "-H") request.headers.push(/^([^:]*):\s*(.*)$/.exec(words.shift()).slice(1));
    else if (!word.startsWith("-")) request.url = word.includes("://") ? word : `http://${word}`;
    else if (word !== "-s" && word !== "-N")
      throw new Error(`This option of curl is not understood: ${word}`);
  }
  request.method ||= request.body === null ? "GET" : "POST";
  return request;
}
