// The demo's page: one HTML document that calls the demo's own roads. No build, no library.

/** The page for an app mounted at this prefix. */
export function page(rootPath: string): string {
  const at = JSON.stringify(encodeURI(rootPath)).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TSGI demo</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --line: light-dark(#d7dbe2, #343a46); --soft: light-dark(#f5f7fa, #1b1f27); --accent: light-dark(#1d5fd1, #7fb0ff); }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; margin: 0; } h1 + p { margin: .25rem 0 2rem; opacity: .75; }
  main { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.25rem; }
  section { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; min-width: 0; }
  section.wide { grid-column: 1 / -1; }
  h2 { font-size: 1rem; margin: 0 0 .6rem; display: flex; justify-content: space-between; align-items: center; }
  h2 code { font-weight: normal; opacity: .65; }
  pre { background: var(--soft); border-radius: .4rem; padding: .75rem; margin: .6rem 0 0; overflow: auto; font-size: .85rem; max-height: 24rem; min-height: 3rem; }
  button, input { font: inherit; } button { padding: .3rem .9rem; border: 1px solid var(--accent); color: var(--accent); background: none; border-radius: .4rem; cursor: pointer; }
  progress { width: 100%; accent-color: var(--accent); }
  table { border-collapse: collapse; width: 100%; font-size: .9rem; } th { text-align: left; font-weight: normal; opacity: .7; width: 9rem; vertical-align: top; }
  td, th { padding: .2rem .4rem .2rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; } td { font-family: ui-monospace, monospace; }
</style>
<h1>One app, any server</h1>
<p>This page is served by a portable app. Below is what the app sees, and what it can do with a connection.</p>
<main>
  <section class="wide"><h2>What the app sees <code>GET /see</code></h2><table id="seen"></table></section>
  <section><h2>A stream <code>GET /stream</code></h2><button id="go">Start</button><pre id="stream"></pre></section>
  <section><h2>Server-sent events <code>GET /events</code></h2><button id="listen">Listen</button><pre id="events"></pre></section>
  <section class="wide"><h2>An upload and its echo <code>POST /echo</code></h2>
    <input type="file" id="file"> <button id="send">Send 8 MiB of made-up bytes</button>
    <p>Sent <progress id="up" value="0" max="1"></progress></p><p>Come back <progress id="down" value="0" max="1"></progress></p>
    <pre id="echo"></pre></section>
</main>
<script type="module">
const at = ${at};
const $ = (id) => document.getElementById(id);

const scope = await (await fetch(at + "/see?shown=below")).json();
for (const [key, value] of Object.entries(scope)) {
  const row = $("seen").insertRow();
  const name = document.createElement("th");
  name.textContent = key;
  row.append(name);
  row.insertCell().textContent = key === "headers" ? value.map((pair) => pair.join(": ")).join("\\n") : typeof value === "string" ? value : JSON.stringify(value);
  row.lastChild.style.whiteSpace = "pre-wrap";
}

$("go").onclick = async () => {
  $("stream").textContent = "";
  const response = await fetch(at + "/stream");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) $("stream").textContent += piece.value;
};

let source = null;
$("listen").onclick = () => {
  if (source) { source.close(); source = null; $("listen").textContent = "Listen"; return; }
  source = new EventSource(at + "/events");
  source.addEventListener("tick", (event) => { $("events").textContent = event.data + "\\n" + $("events").textContent; });
  $("listen").textContent = "Stop";
};

const upload = (body, what) => {
  const call = new XMLHttpRequest();
  call.open("POST", at + "/echo");
  call.responseType = "arraybuffer";
  call.upload.onprogress = (event) => { $("up").value = event.loaded / event.total; };
  call.onprogress = (event) => { if (event.total) $("down").value = event.loaded / event.total; };
  call.onload = () => { $("echo").textContent = what + ": " + call.response.byteLength + " bytes came back, status " + call.status; };
  call.onerror = () => { $("echo").textContent = what + ": the connection was cut"; };
  $("up").value = $("down").value = 0;
  $("echo").textContent = "…";
  call.send(body);
};
$("send").onclick = () => upload(new Uint8Array(8 * 1024 * 1024).fill(65), "8 MiB");
$("file").onchange = () => { const [file] = $("file").files; if (file) upload(file, file.name); };
</script>
</html>
`;
}
