// The list of tasks (a scan opens one), and the page of waiting scans and of those that need a person.
(() => {
  const { settings, say, store, sender, codes, scanner, json, newKey, feel, make, press } = window.Floor;

  const known = json("task-codes");
  scanner?.on((text) => {
    const address = known?.[codes.read(text).code];
    if (address) { location.href = address; return; }
    location.href = `${location.pathname}?scan=${encodeURIComponent(text)}`;
  });
  document.querySelector(".floor-said.is-wrong") && feel("wrong");

  // The page of a task is kept for when there is no Wi-Fi only if this worker saw it.
  const conflictsBox = document.getElementById("conflicts"), waitingBox = document.getElementById("waiting");
  if (!conflictsBox) return;

  const whatOf = (scan) => [scan.said || scan.code, scan.units ? `× ${scan.units}` : "", scan.lot || ""].filter(Boolean).join(" ");
  const addressOf = (scan) => `${settings.urls.home}${scan.work}/${encodeURI(scan.task)}/`;

  // The scan once more under a new key, with what was chosen.
  const sendAgain = async (one, details) => {
    const { id, ...scan } = one.scan;
    await store.add({ ...scan, key: newKey(), details: { ...scan.details, ...details } });
    await store.dropConflict(one.key);
    sender.run();
    draw();
  };

  const draw = async () => {
    const [waiting, conflicts] = await Promise.all([store.waiting(), store.conflicts()]);
    conflictsBox.replaceChildren(...(conflicts.length ? conflicts.map((one) => {
      const card = make("article", "floor-conflict");
      card.append(make("strong", "", whatOf(one.scan)), make("p", "", one.answer.message), make("p", "floor-hint", say("conflict_help")));
      const row = make("div", "floor-buttons");
      const link = make("a", "floor-button", say("look_at_task"));
      link.href = addressOf(one.scan);
      row.append(link);
      for (const choice of one.answer.choices || []) {
        row.append(press(choice.label, "floor-button", () => sendAgain(one, { [choice.detail]: choice.value })));
      }
      row.append(press(say("send_again"), "floor-button is-plain", () => sendAgain(one, {})), press(say("seen"), "floor-button is-main", async () => { await store.dropConflict(one.key); sender.announce({ kind: "queue" }); draw(); }));
      card.append(row);
      return card;
    }) : [make("p", "floor-empty", say("no_conflicts"))]));
    waitingBox.replaceChildren(...(waiting.length ? waiting.map((scan) => {
      const card = make("article", "floor-waiting");
      card.append(make("strong", "", whatOf(scan)), make("small", "", `${scan.user_name} · ${new Date(scan.scanned_at).toLocaleString(settings.language)}`));
      return card;
    }) : [make("p", "floor-empty", say("nothing_waits"))]));
  };
  sender.on(() => { draw(); });
  draw();
})();
