// Right, wrong, done: heard, felt and seen. Sounds are made here; nothing is loaded.
(() => {
  let context = null, isOn = true;
  try { isOn = localStorage.getItem("reorder-sound") !== "off"; } catch { /* not kept */ }
  // Notes as [hertz, start, seconds, form, loudness].
  const TUNES = {
    right: [[1320, 0, 0.09, "sine", 0.5]],
    done: [[880, 0, 0.12, "sine", 0.5], [1175, 0.13, 0.12, "sine", 0.5], [1568, 0.26, 0.25, "sine", 0.5]],
    wrong: [[180, 0, 0.18, "square", 0.9], [180, 0.24, 0.18, "square", 0.9], [140, 0.48, 0.35, "square", 0.9]],
    ask: [[660, 0, 0.14, "triangle", 0.7], [660, 0.2, 0.14, "triangle", 0.7]],
  };
  const SHAKES = { right: [40], done: [60, 60, 120], wrong: [250, 80, 250, 80, 350], ask: [120, 80, 120] };

  const play = (name) => {
    if (!isOn) return;
    try {
      context ??= new AudioContext();
      if (context.state === "suspended") context.resume();
      for (const [hertz, start, seconds, form, loudness] of TUNES[name]) {
        const tone = context.createOscillator(), gain = context.createGain();
        const at = context.currentTime + start;
        tone.type = form;
        tone.frequency.value = hertz;
        gain.gain.setValueAtTime(loudness, at);
        gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
        tone.connect(gain).connect(context.destination);
        tone.start(at);
        tone.stop(at + seconds);
      }
    } catch { /* a device without sound still shakes and shows */ }
  };

  const feel = (name) => {
    play(name);
    navigator.vibrate?.(SHAKES[name]);
    document.body.dataset.felt = name;
    clearTimeout(feel.timer);
    feel.timer = setTimeout(() => { delete document.body.dataset.felt; }, name === "wrong" ? 1600 : 500);
  };

  const button = document.getElementById("sound");
  const draw = () => { button?.setAttribute("aria-pressed", String(isOn)); };
  button?.addEventListener("click", () => {
    isOn = !isOn;
    try { localStorage.setItem("reorder-sound", isOn ? "on" : "off"); } catch { /* not kept */ }
    draw();
    if (isOn) play("right");
    document.getElementById("scan")?.focus();
  });
  draw();
  window.Floor.feel = feel;
})();
