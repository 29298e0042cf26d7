// The camera as a scanner: read by the browser where it can, else a frame at a time by the server.
(() => {
  const { settings, say, scanner, sender } = window.Floor;
  const button = document.getElementById("camera"), view = document.getElementById("camera-view"), video = document.getElementById("camera-video");
  if (!button || !view || !scanner) return;
  const EVERY_MS = 350, WIDTH = 1280, SAME_MS = 2500;
  let stream = null, detector = null, last = { text: "", at: 0 };

  const detectorOf = async () => {
    if (!("BarcodeDetector" in window)) return null;
    try {
      const formats = await BarcodeDetector.getSupportedFormats();
      return formats.length ? new BarcodeDetector({ formats }) : null;
    } catch { return null; }
  };

  const frame = () => new Promise((resolve) => {
    const canvas = document.createElement("canvas"), scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(resolve, "image/jpeg", 0.8);
  });

  const readByServer = async () => {
    const picture = await frame();
    if (!picture) return "";
    const answer = await fetch(settings.urls.read, {
      method: "POST", redirect: "manual", credentials: "same-origin", body: picture,
      headers: { "Content-Type": "image/jpeg", "X-CSRFToken": sender.token },
    });
    if (!answer.ok) return "";
    return (await answer.json()).codes[0]?.text || "";
  };

  const readHere = async () => (await detector.detect(video))[0]?.rawValue || "";

  const loop = async () => {
    while (stream) {
      try {
        const text = video.videoWidth ? await (detector ? readHere() : readByServer()) : "";
        const now = Date.now();
        if (text && stream && (text !== last.text || now - last.at > SAME_MS)) {
          last = { text, at: now };
          scanner.finish(text);
        }
      } catch { /* a frame that cannot be read: the next one comes */ }
      await new Promise((resolve) => { setTimeout(resolve, detector ? 120 : EVERY_MS); });
    }
  };

  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    view.hidden = true;
    video.srcObject = null;
  };

  button.addEventListener("click", async () => {
    if (stream) { close(); return; }
    const line = document.getElementById("line");
    if (!navigator.mediaDevices?.getUserMedia) { line.textContent = say("camera_none"); line.hidden = false; return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
    } catch (fault) {
      line.textContent = say(fault.name === "NotFoundError" ? "camera_none" : "camera_denied");
      line.hidden = false;
      return;
    }
    detector = await detectorOf();
    video.srcObject = stream;
    view.hidden = false;
    await video.play();
    loop();
  });
  document.getElementById("camera-close").addEventListener("click", close);
  addEventListener("pagehide", close);
})();
