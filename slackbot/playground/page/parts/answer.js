// How an answer came about: the request to the model, and when its words became visible.

import { h, reconcile, s } from "./dom.js";
import { json } from "./json.js";
import { plural, seconds } from "./text.js";

export function showAnswer(panel, { answer }) {
  if (!answer?.requests) {
    reconcile(panel, [{ key: "none", version: "", build: () => h("p", { class: "none" }, "Choose an answer of the bot with its magnifier to see the request to the model.") }]);
    return;
  }
  reconcile(panel, [
    { key: "timeline", version: JSON.stringify([answer.edits, answer.requests.map((each) => [each.chunks.length, each.ended])]), build: () => timeline(answer) },
    ...answer.requests.map((each) => ({ key: `request/${each.number}`, version: JSON.stringify([each.chunks.length, each.ended, each.usage]), build: () => request(each, answer.requests.length) })),
    ...(answer.requests.length ? [] : [{ key: "nothing", version: "", build: () => h("p", { class: "none" }, "No request to the model belongs to this message.") }]),
  ]);
}

function request(each, count) {
  const { messages = [], input = messages, instructions, tools = [], model, ...parameters } = each.body;
  const told = [...(instructions ? [{ role: "developer", content: instructions }] : []), ...[input].flat()];
  const usage = each.usage;
  const cached = (usage.prompt_tokens_details ?? usage.input_tokens_details)?.cached_tokens;
  const figures = [
    ["model", model],
    ["status", each.error ? `${each.status} ${each.error}` : each.status || "under way"],
    ["first text", each.chunks.length ? seconds(each.chunks[0][0] - each.at) : null],
    ["took", each.ended === null ? null : seconds(each.ended - each.at)],
    ["tokens in", usage.prompt_tokens ?? usage.input_tokens],
    ["from the cache", cached],
    ["tokens out", usage.completion_tokens ?? usage.output_tokens],
    ["chunks", each.chunks.length],
  ];
  return h(
    "section",
    { class: "request" },
    h("h3", {}, count > 1 ? `Request ${each.number}` : "Request to the model"),
    h("dl", { class: "figures" }, figures.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value))))),
    h("h4", {}, plural(told.length, "message")),
    h("ol", { class: "sent" }, told.map(sent)),
    tools.length ? [h("h4", {}, plural(tools.length, "tool")), json(tools)] : null,
    each.tool_calls.length ? [h("h4", {}, "Tool calls"), json(each.tool_calls)] : null,
    h("h4", {}, "Parameters"),
    json(parameters),
    each.text ? [h("h4", {}, "Answer"), h("pre", { class: "said" }, each.text)] : null,
  );
}

function sent(message) {
  if (typeof message === "string") return sent({ role: "user", content: message });
  const { content } = message;
  const calls = message.tool_calls ?? (message.type && !content ? message : null);
  const words = [typeof content === "string" ? content : (content ?? []).map(part).join("\n"), calls ? JSON.stringify(calls, null, 2) : ""].filter(Boolean).join("\n");
  const role = message.role ?? message.type ?? "";
  return h("li", { class: `sent-message ${role}` }, h("span", { class: "role" }, role, message.name ? h("span", { class: "name" }, message.name) : null), h("pre", {}, words || "(empty)"));
}

const part = (each) => each.text ?? each.refusal ?? `(${each.type})`;

const WIDTH = 720;
const HEIGHT = 92;
const LEFT = 78;

/** Two lines over time: the characters that the model had written, and those that were visible. */
function timeline(answer) {
  const requests = answer.requests;
  const runs = requests.map((each) => {
    let sum = 0;
    return each.chunks.map(([at, length]) => [at, (sum += length)]);
  });
  const written = runs.flat();
  const edits = answer.edits.map((each) => [each.at, each.length]);
  const end = Math.max(0.5, ...written.map(([at]) => at), ...edits.map(([at]) => at)) * 1.02;
  const most = Math.max(1, ...written.map(([, length]) => length), ...edits.map(([, length]) => length));
  const x = (at) => LEFT + (at / end) * (WIDTH - LEFT - 10);
  const y = (length) => HEIGHT - 20 - (length / most) * (HEIGHT - 34);
  const stairs = (points, from, to) => points.reduce((path, [at, length]) => `${path}H${x(at).toFixed(1)}V${y(length).toFixed(1)}`, `M${x(from)} ${y(0)}`) + `H${x(to)}`;
  const drawing = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 44}`, class: "timeline", role: "img", "aria-label": `${plural(written.length, "chunk")} from the model in ${plural(edits.length, "state")} of the message` });
  const tick = (at, row, kind) => s("line", { x1: x(at), x2: x(at), y1: HEIGHT + row * 20 - 6, y2: HEIGHT + row * 20 + 8, class: kind });
  const text = (x, y, words, anchor = "start") => {
    const made = s("text", { x, y, "text-anchor": anchor });
    made.textContent = words;
    return made;
  };
  drawing.append(
    ...runs.map((points, index) => s("path", { d: stairs(points, requests[index].at, requests[index].ended ?? end), class: "line model" })),
    s("path", { d: stairs(edits, 0, end), class: "line slack" }),
    text(0, HEIGHT + 6, "from model"),
    text(0, HEIGHT + 26, "in Slack"),
    ...written.map(([at]) => tick(at, 0, "tick model")),
    ...edits.map(([at]) => tick(at, 1, "tick slack")),
    text(LEFT, HEIGHT - 8, "0"),
    text(WIDTH - 10, HEIGHT - 8, seconds(end), "end"),
    text(LEFT - 8, 18, `${most}`, "end"),
  );
  return h("figure", { class: "timeline-box" }, h("figcaption", {}, h("strong", {}, "Chunks against edits. "), `${plural(written.length, "chunk")} from the model, ${plural(edits.length, "state")} of the message in Slack.`), drawing);
}
