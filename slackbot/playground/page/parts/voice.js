// Records voice clips, as Slack's composer does.

import { h, icon } from "./dom.js";
import { whenMoved } from "./session.js";

/** The current recording and its button. Leaving the channel ends it and keeps the clip. */
let current = null;

const end = () => current?.running.state === "recording" && !current.pressed.checkVisibility() && current.running.stop();
whenMoved(() => requestAnimationFrame(() => requestAnimationFrame(end))); // once that is drawn

/** A button that starts and stops a recording; `done(clip, name)` gets the clip. */
export function recorder(done, complain) {
  let running = null;
  const pressed = h("button", { type: "button", class: "tool", "aria-label": "Record a voice clip", title: "Record a voice clip", "aria-pressed": "false" });
  const show = () => {
    pressed.replaceChildren(icon(running ? "stop" : "mic"));
    pressed.classList.toggle("recording", Boolean(running));
    pressed.setAttribute("aria-pressed", String(Boolean(running)));
    pressed.setAttribute("aria-label", running ? "Stop recording" : "Record a voice clip");
  };
  const begin = async () => {
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      complain("There is no microphone, or the browser may not use it.");
      return;
    }
    const pieces = [];
    running = new MediaRecorder(sound);
    current = { pressed, running };
    running.addEventListener("dataavailable", (event) => pieces.push(event.data));
    running.addEventListener("stop", () => {
      for (const track of sound.getTracks()) track.stop();
      const type = (running.mimeType || "audio/webm").split(";")[0];
      running = current = null;
      show();
      done(new Blob(pieces, { type }), `audio_message.${type.split("/")[1]}`);
    });
    running.start();
    show();
  };
  pressed.addEventListener("click", () => (running ? running.stop() : begin()));
  show();
  return pressed;
}
