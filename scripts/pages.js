// Shows pages to Chromium and has axe look at them: node pages.js AXE DIRECTORY, which holds
// pages.json and may be written to. Ends with one line `N passed, N failed`.
"use strict";
const { readFileSync } = require("fs");
const { spawn } = require("child_process");

const [axe, directory] = process.argv.slice(2);
const source = readFileSync(axe, "utf8");
const pages = JSON.parse(readFileSync(`${directory}/pages.json`, "utf8"));
const PAGE = "https://page.example/";

// Chromium's protocol: JSON that ends with a zero byte, on the descriptors 3 and 4.
const options = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${directory}/profile`,
  "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
if (process.getuid() === 0) options.push("--no-sandbox");
const chromium = spawn("chromium", options,
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const answers = new Map(), listeners = new Map();
let count = 0, session, unread = "";

function send(method, params = {}) {
  count += 1;
  chromium.stdio[3].write(JSON.stringify({ id: count, method, params, sessionId: session }) + "\0");
  return new Promise((resolve, reject) => answers.set(count, { resolve, reject, method }));
}

const next = (event) => new Promise((resolve) => listeners.set(event, resolve));

function receive({ id, method, params, result, error }) {
  if (method === "Fetch.requestPaused") return respond(params);
  const waiting = id ? answers.get(id) : listeners.get(method);
  if (!waiting) return;
  if (!id) return waiting(params);
  answers.delete(id);
  if (error) waiting.reject(new Error(`${waiting.method}: ${error.message}`));
  else waiting.resolve(result);
}

chromium.stdio[4].setEncoding("utf8").on("data", (data) => {
  const messages = (unread + data).split("\0");
  unread = messages.pop();
  messages.forEach((message) => receive(JSON.parse(message)));
});

let shown;

/** Answers Chromium's request: with the page, or with a picture where it asks for one. */
function respond({ requestId, request }) {
  const isPage = request.url === PAGE;
  const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="90"/>';
  const headers = [{ name: "content-type", value: isPage ? "text/html;charset=utf-8" :
    "image/svg+xml" }];
  if (isPage && shown.policy) {
    headers.push({ name: "content-security-policy", value: shown.policy });
  }
  const body = Buffer.from(isPage ? shown.html : picture).toString("base64");
  send("Fetch.fulfillRequest", { requestId, responseCode: 200, responseHeaders: headers, body });
}

async function evaluate(expression) {
  const { result, exceptionDetails: wrong } = await send("Runtime.evaluate",
    { expression, awaitPromise: true, returnByValue: true });
  if (wrong) throw new Error(wrong.exception.description);
  return result.value;
}

// What axe cannot decide is a fault, but on a telephone, where some of a table is out of sight.
const LOOK = `(async () => {
  const found = await axe.run({ rules: { "target-size": { enabled: true } } });
  const judged = found.violations.concat(innerWidth > 320 ? found.incomplete : []);
  const faults = judged.flatMap(({ id, help, nodes }) => nodes.map((node) =>
    ({ id, text: help + ": " + node.target.join(" ") + ": " + node.html })));
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    faults.push({ id: "wide", text: scrollWidth + " pixels, the window has " + clientWidth });
  }
  return faults;
})()`;

async function load(page) {
  shown = page;
  const loaded = next("Page.loadEventFired");
  await send("Page.navigate", { url: PAGE });
  await loaded;
  await evaluate(source);
  await evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
}

/** What is wrong with the page that was loaded, as it is shown so. */
async function faultsOf(width, scheme) {
  await send("Emulation.setDeviceMetricsOverride",
    { width, height: 800, deviceScaleFactor: 1, mobile: false });
  await send("Emulation.setEmulatedMedia",
    { features: [{ name: "prefers-color-scheme", value: scheme }] });
  return evaluate(LOOK);
}

async function run() {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  session = (await send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  for (const part of ["Page", "Fetch", "Runtime"]) await send(`${part}.enable`);
  await send("Emulation.setScrollbarsHidden", { hidden: true });
  let passed = 0, failed = 0;
  for (const page of pages) {
    console.log(page.name); // what prints nothing for long is ended
    await load(page);
    for (const width of [320, 1280]) {
      for (const scheme of ["light", "dark"]) {
        const faults = (await faultsOf(width, scheme)).filter(({ id }) => [id, undefined]
          .includes(page.only));
        const missed = page.faults.filter((id) => !faults.some((fault) => fault.id === id));
        const wrong = faults.filter((fault) => !page.faults.includes(fault.id));
        if (missed.length + wrong.length === 0) { passed += 1; continue; }
        failed += 1;
        console.log(`  ${width} pixels, ${scheme}:`);
        missed.forEach((id) => console.log(`    not found: ${id}`));
        wrong.forEach(({ id, text }) => console.log(`    ${id}: ${text}`));
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed === 0 && passed > 0) process.exitCode = 0;
}

process.exitCode = 1;

chromium.on("error", (error) => { throw error; });
chromium.on("exit", () => process.exit());
run().catch(console.error).finally(() => chromium.kill());
