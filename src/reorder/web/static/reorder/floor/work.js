// One task, a step at a time. What is scanned is checked here, kept, and sent; the answer comes when it comes. Without
// Wi-Fi the plan in the page is enough.
(() => {
  const { settings, say, json, store, sender, codes, scanner, feel, newKey, device, make, press } = window.Floor;
  const $ = (id) => document.getElementById(id);
  const FRESH_MS = 8000, PATIENCE_MS = 3000;
  let plan = json("plan");
  const task = plan.task, work = plan.work, progressId = `${work}|${task}`;
  let done = new Set(plan.done_steps), left = new Map(), nextUnits = null;
  let entry = null;      // what is asked on the number pad: { step, read, text, bin }
  let awaiting = null;   // { key, step, timer }: the server decides this one
  let question = null;   // { scan, choices }
  let isFinished = false;
  let keeping = 0;       // scans that are being written down
  const buffer = [], mine = new Map();

  const number = (text) => { const value = Number(String(text ?? "").replace(",", "")); return Number.isFinite(value) ? value : 0; };
  const written = (value) => String(Math.round(value * 1000) / 1000);
  // A step with `details.first` comes before what may come in any order: the bin before what is counted in it.
  const isFree = () => plan.mode === "any_order" && !plan.steps.some((step) => step.details?.first && !done.has(step.id));
  const asksCode = (step) => step && !["units", "choice"].includes(step.ask);
  const current = () => (isFree() ? null : plan.steps.find((step) => !done.has(step.id)) || null);
  const leftOf = (step) => (left.has(step.id) ? left.get(step.id) : number(step.units));
  const isAgain = (step) => Boolean(step.details?.again);
  const stepOf = (id) => plan.steps.find((step) => step.id === id);
  const isOfTask = (scan) => scan.work === work && scan.task === task;
  // A count that was typed, or sent by a scanner as one.
  const isCount = (text) => /^\d{1,5}([.,]\d{1,3})?$/.test(text.trim());
  const countOf = (text) => text.trim().replace(",", ".");
  // What was read, with the units of the pack that the server knows behind its code.
  const inPack = (read, known) => ({ ...read, count: written(number(known.pack_units) * number(read.count || 1)) });

  // --- What is shown

  const shownSay = (kind, text) => {
    const box = $("said");
    box.hidden = !text;
    box.className = `floor-said is-${kind}`;
    $("said-text").textContent = text || "";
  };
  const choiceButton = (label, act, isMain) => press(label, `floor-button${isMain ? " is-main" : ""}`, act);

  const drawGoods = (step) => {
    // In any order the name stands in the prompt already.
    $("name").textContent = isFree() ? "" : step?.name || "";
    $("hint").textContent = step?.hint || "";
    const tags = [["bin", step?.bin], ["sku", step?.sku], ["lot", step?.lot]].filter(([, text]) => text);
    const units = step && step.units !== null && !isFree() ? [["units", `${written(leftOf(step))} ${step.unit_word || ""}`.trim()]] : [];
    $("tags").replaceChildren(...[...tags, ...units].map(([kind, text]) => make("span", `floor-tag is-${kind}`, text)));
    const picture = $("picture");
    picture.hidden = !step?.picture;
    if (step?.picture) picture.src = step.picture;
  };

  const drawSteps = () => {
    // Of what may come in any order, what is still to come stands first.
    const all = plan.steps.filter((step) => step.ask !== "choice" || !isFree());
    const shown = isFree() ? [...all.filter((step) => !done.has(step.id)), ...all.filter((step) => done.has(step.id))] : all;
    $("steps").replaceChildren(...(isFree() && shown.every(isAgain) ? [] : shown).map((step) => {
      const row = make("li", done.has(step.id) ? "is-done" : step === current() ? "is-now" : "");
      row.append(make("span", "floor-step-name", step.name && isFree() ? step.name : step.prompt));
      if (isFree() && step.sku) row.append(make("span", "floor-step-sku", step.sku), make("span", "floor-step-units", done.has(step.id) ? "✓" : step.units === null ? "" : written(leftOf(step))));
      return row;
    }));
  };

  const drawChoices = () => {
    const step = entry?.step || current();
    const steps = isFree() ? plan.steps.filter((one) => one.ask === "choice" && !done.has(one.id)) : step ? [step] : [];
    const offered = (question || awaiting || (isFree() && entry)) ? [] : steps;
    $("choices").replaceChildren(...offered.flatMap((one) => (one.choices || []).map((choice) => choiceButton(choice.label, () => {
      if (one.ask === "choice") commit(one, { code: choice.value });
      else commit(one, { code: "", units: one.ask === "units" ? $("units").value : null, details: { choice: choice.value } });
    }, one.ask === "choice" && !isFree()))));
  };

  const drawQuestion = () => {
    const box = $("question");
    box.hidden = !question;
    if (!question) { box.replaceChildren(); return; }
    box.replaceChildren(...question.choices.map((choice) => choiceButton(choice.label, () => answerQuestion(choice), true)), choiceButton(say("cancel"), () => { question = null; shownSay("right", ""); draw(); scanner.focus(); }));
  };

  const drawEntry = () => {
    const form = $("entry");
    form.hidden = !entry;
    if (!entry) return;
    const needs = entry.needs;
    for (const name of ["units", "lot", "expires", "bin"]) $(`${name}-field`).hidden = !needs.includes(name);
    const open = leftOf(entry.step);
    $("units-hint").textContent = open > 0 ? say("units_left", { units: written(open) }) : "";
    const packs = [...(entry.step.details?.packs || []).map(([name, units]) => [`+ ${name} (${units})`, () => addUnits(number(units))])];
    if (open > 0 && isFree()) packs.push([`= ${written(open)}`, () => { $("units").value = written(open); }]);
    $("packs").replaceChildren(...packs.map(([label, act]) => choiceButton(label, act)));
  };

  const draw = () => {
    const step = entry?.step || current();
    const counted = plan.steps.filter((one) => one.ask !== "choice" && !isAgain(one)), count = counted.filter((one) => done.has(one.id)).length;
    // Where nothing is to be scanned any more, the question that is left is the heading.
    const isOnlyAsking = isFree() && !counted.length && !plan.steps.some(isAgain);
    const asked = isOnlyAsking ? plan.steps.find((one) => !done.has(one.id))?.prompt || "" : isFree() && !entry ? (!counted.length && plan.steps.find(isAgain)?.prompt) || say("scan_product") : (isFree() && entry.step.name) || step?.prompt || "";
    $("prompt").textContent = isFinished ? say("all_done") : asked;
    $("progress").textContent = counted.length > 1 ? say("step_of", { done: count, total: counted.length }) : "";
    drawGoods(isFree() ? entry?.step : step);
    drawQuestion();
    drawEntry();
    drawChoices();
    drawSteps();
    $("onward").hidden = !isFinished;
    $("scan-form").hidden = isFinished;
    document.body.classList.toggle("is-finished", isFinished);
  };

  // --- Entries

  const addUnits = (units) => { $("units").value = written(Math.max(0, number($("units").value) + units)); };

  const openEntry = (step, read, text, needs) => {
    entry = { step, read, text, needs, product_id: step.product_id };
    const pack = packOf(step, read);
    // Picking starts with what is wanted, receiving with what was scanned; more scans of the same are counted.
    entry.counted = pack * number(read?.count || 1);
    const isWanted = step.ask === "units" || (!isFree() && step.units !== null && entry.counted === 1);
    $("units").value = isWanted ? (nextUnits ?? step.units ?? "") : written(entry.counted);
    $("lot").value = read?.lot || step.lot || "";
    $("expires").value = read?.expires || "";
    // The suggested bin is shown, never assumed: where goods are put is said by a scan.
    $("bin").value = "";
    $("bin").placeholder = step.bin || "";
    entry.fresh = true;
    draw();
    const missing = needs.includes("lot") && !$("lot").value ? $("lot") : needs.includes("expires") && !$("expires").value ? $("expires") : null;
    if (missing) missing.focus(); else scanner.focus();
  };

  // Units in a pack whose code the handheld knows by itself: that of the only pack of the product.
  const packOf = (step, read) => {
    const inside = read ? codes.itemInside(read.code) : "";
    const packs = step.details?.packs || [];
    return inside && step.expect.includes(inside) && packs.length === 1 ? number(packs[0][1]) : 1;
  };

  const entryValues = () => {
    const needs = entry.needs;
    const units = needs.includes("units") ? $("units").value.replace(",", "") : null;
    if (units !== null && !(number(units) > 0)) return { fault: say("units_needed") };
    const lot = needs.includes("lot") ? $("lot").value.trim() : "", expires = needs.includes("expires") ? $("expires").value : "";
    if (entry.isStrict && ((needs.includes("lot") && !lot) || (needs.includes("expires") && !expires))) return { fault: say("lot_needed") };
    if (needs.includes("bin") && !$("bin").value.trim()) return { fault: say("bin_needed", { bin: entry.step.bin || "" }) };
    return { units, lot, expires_date: expires || null, bin_code: needs.includes("bin") ? codes.plain($("bin").value) : entry.step.bin || "" };
  };

  const confirmEntry = () => {
    if (!entry) return false;
    const values = entryValues();
    if (values.fault) { shownSay("wrong", values.fault); feel("wrong"); return false; }
    const { step, text, product_id } = entry;
    entry = null;
    commit(step, { ...values, code: text || "", product_id });
    return true;
  };

  // --- Scans

  const matches = (step, read) => step.expect.includes(read.code) || (codes.itemInside(read.code) && step.expect.includes(codes.itemInside(read.code)));

  const take = async (text) => {
    if (isFinished) return;
    // A scan while the one before is being written down waits its turn: it belongs to the next step.
    if (awaiting || keeping) { buffer.push(text); return; }
    const read = codes.read(text);
    if (question) { question = null; shownSay("right", ""); }
    if (entry) { if (!takeInEntry(text, read)) return; }
    if (isFree()) await takeFree(text, read); else takeInOrder(text, read);
  };

  // A scan while the number pad is open: one more of the same, a count that was typed, or the next thing. True: go on.
  const takeInEntry = (text, read) => {
    const step = entry.step;
    if (entry.needs.includes("units") && isCount(text)) {
      $("units").value = countOf(text);
      entry.fresh = false;
      if (entry.needs.includes("bin")) { shownSay("ask", say("bin_needed", { bin: step.bin || "" })); feel("right"); } else confirmEntry();
      return false;
    }
    const isSame = step.expect.length ? matches(step, read) : read.code === entry.read?.code;
    const isSameLot = !read.lot || !$("lot").value || read.lot === $("lot").value;
    if (isSame && isSameLot) {
      if (!$("lot").value && read.lot) $("lot").value = read.lot;
      if (!$("expires").value && read.expires) $("expires").value = read.expires;
      const more = packOf(step, read) * number(read.count || 1);
      if (entry.fresh) { entry.counted += more; $("units").value = written(entry.counted); } else addUnits(more);
      feel("right");
      return false;
    }
    if (step.ask === "units" && !isFree()) { wrong(say("wrong_thing", { code: read.code, wanted: step.prompt })); return false; }
    if (entry.needs.includes("bin")) { $("bin").value = read.code; confirmEntry(); return false; }
    return confirmEntry();
  };

  const takeFree = async (text, read) => {
    const fitting = plan.steps.filter((step) => asksCode(step) && matches(step, read));
    const step = fitting.find((one) => !done.has(one.id)) || fitting[0];
    if (step) { begin(step, text, read); return; }
    const again = plan.steps.find(isAgain);
    const known = sender.isOnline ? await look(text) : null;
    if (known?.kind === "product") {
      const named = plan.steps.find((one) => one.product_id === known.product_id);
      if (named) { begin(named, text, inPack(read, known)); return; }
      if (again) {
        const made = { ...again, name: known.name, sku: known.sku, product_id: known.product_id, expect: known.codes };
        openEntry(made, inPack(read, known), text, known.needs);
        return;
      }
    }
    if (again && !sender.isOnline) { openEntry({ ...again, name: read.code }, read, text, ["units", "lot", "expires"]); entry.isStrict = false; return; }
    // Nothing of this task: the server says what it is, and logs the wrong scan.
    if (sender.isOnline) { commit({ id: "", ask: "product", prompt: read.code, expect: [], needs: [] }, { code: text }, true); return; }
    wrong(say("wrong_offline", { code: read.code }));
  };

  const look = async (text) => {
    try {
      const answer = await fetch(`${settings.urls.look}?code=${encodeURIComponent(text)}`, { redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS) });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  };

  const takeInOrder = (text, read) => {
    const step = current();
    if (!step) return;
    if (step.ask === "choice" || step.ask === "units") {
      if (step.ask === "units" && isCount(text)) commit(step, { units: countOf(text) });
      else wrong(say("wrong_thing", { code: read.code, wanted: step.prompt }));
      return;
    }
    if (!step.expect.length || step.expect.includes(read.code)) { begin(step, text, read); return; }
    // Not what was expected: the server may know better (a case, a second barcode); without Wi-Fi it is wrong.
    if (sender.isOnline) beginUnsure(step, text, read);
    else wrong(say("wrong_thing", { code: read.code, wanted: step.bin || step.name || step.expect[0] }));
  };

  // Before a number pad opens for it: a wrong thing is told at once, by the server, and not after it was counted.
  const beginUnsure = async (step, text, read) => {
    const known = step.needs.length ? await look(text) : null;
    const isOther = known && known.product_id !== step.product_id;
    if (isOther || (!known && step.needs.length && work === "pack")) commit(step, { code: text, product_id: known?.product_id ?? null }, true);
    else begin(step, text, known ? inPack(read, known) : read, true);
  };

  const begin = (step, text, read, isUnsure = false) => {
    if (step.needs.length) { openEntry(step, read, text, step.needs); entry.isStrict = true; feel("right"); return; }
    const mustWait = (isUnsure || !step.expect.length || plan.details?.waits) && sender.isOnline;
    commit(step, { code: text, lot: read.lot, expires_date: read.expires || null, product_id: step.product_id }, mustWait);
  };

  const wrong = (message) => { shownSay("wrong", message); feel("wrong"); scanner.focus(); };

  // --- Confirmed: kept first, then sent

  const commit = async (step, values, mustWait = Boolean(plan.details?.waits) && sender.isOnline) => {
    const scan = {
      key: newKey(), user: settings.user, user_name: settings.user_name, device: device(),
      work, task, place: settings.place, step: step.id, code: values.code || "", bin_code: values.bin_code ?? (step.ask === "bin" ? "" : step.bin) ?? "",
      product_id: values.product_id ?? null, units: values.units ?? null, lot: values.lot || "", expires_date: values.expires_date || null,
      scanned_at: new Date().toISOString(), details: values.details || {}, said: step.name || step.prompt,
    };
    await keep(scan, step, mustWait || (step.ask === "choice" && sender.isOnline));
  };

  const keep = async (scan, step, mustWait) => {
    const isClosing = step.ask === "choice" && isFree();
    if (mustWait) {
      awaiting = { key: scan.key, step };
      awaiting.timer = setTimeout(() => stopWaiting(scan.key), PATIENCE_MS);
      shownSay("ask", say("checking"));
    }
    mine.set(scan.key, { step: scan.step, units: number(scan.units), isMarked: !mustWait });
    keeping += 1;
    try { await store.add(scan); } catch { keeping -= 1; shownSay("wrong", say("not_kept")); feel("wrong"); return; }
    if (!mustWait) { mark(scan, true); shownSay("right", say("right")); feel(isClosing || isAllDone() ? "done" : "right"); if (isClosing) isFinished = true; }
    entry = null;
    await save();
    keeping -= 1;
    afterStep();
    sender.run();
    if (buffer.length && !awaiting && !keeping) take(buffer.shift());
  };

  // The answer does not come: there is no Wi-Fi after all. The scan is kept; go on as without Wi-Fi.
  const stopWaiting = (key) => {
    if (awaiting?.key !== key) return;
    const known = mine.get(key);
    if (known && awaiting.step.expect.length === 0) { mark({ step: known.step, units: known.units }, true); known.isMarked = true; }
    awaiting = null;
    shownSay("right", say("offline"));
    afterStep();
  };

  const mark = (scan, isTaken) => {
    const step = stepOf(scan.step);
    if (!step || isAgain(step)) return;
    const counted = number(scan.units);
    if (isFree() && step.ask !== "choice" && counted) {
      const now = leftOf(step) + (isTaken ? -counted : counted);
      left.set(step.id, Math.max(0, now));
      if (now <= 0) done.add(step.id); else done.delete(step.id);
    } else if (isTaken) done.add(step.id);
    else done.delete(step.id);
  };

  const isAllDone = () => !isFree() && plan.steps.every((step) => done.has(step.id));

  const afterStep = () => {
    if (isAllDone() && !awaiting) {
      if (plan.details?.again) { done = new Set(); nextUnits = null; }
      else isFinished = true;
    }
    const step = current();
    if (step?.ask === "units" && !entry && !awaiting && !question) openEntry(step, null, "", ["units"]);
    draw();
    if (!isFinished && !entry) scanner.focus();
  };

  const save = () => store.saveProgress({
    id: progressId, page: settings.page, plan, done: [...done], left: [...left.entries()], isFinished, saved_at: new Date().toISOString(),
  }).catch(() => {});

  // --- Answers

  const replacePlan = (next) => {
    plan = next;
    done = new Set(next.done_steps);
    left = new Map();
    entry = null;
    isFinished = false; // what was all that there was is so no longer; the next look decides again
    shownSay("ask", say("plan_changed"));
  };

  const onAnswer = async ({ scan, answer }) => {
    if (!isOfTask(scan)) return;
    const known = mine.get(scan.key), wasAwaited = awaiting?.key === scan.key;
    const isFresh = wasAwaited || (known && Date.now() - Date.parse(scan.scanned_at) < FRESH_MS);
    if (wasAwaited) { clearTimeout(awaiting.timer); awaiting = null; }
    const values = answer.values || {};
    if (answer.outcome === "right" || answer.outcome === "done") {
      if (!known || !known.isMarked) mark(scan, true);
      if (values.left !== undefined && values.step) { left.set(values.step, number(values.left)); if (number(values.left) <= 0) done.add(values.step); else done.delete(values.step); }
      nextUnits = values.next_units ?? (wasAwaited ? null : nextUnits);
      if (answer.plan) replacePlan(answer.plan);
      if (isFresh) shownSay(answer.outcome === "done" ? "done" : "right", answer.message);
      if (answer.outcome === "done") {
        if (!plan.details?.again) isFinished = true;
        if (values.next_url) $("onward").href = values.next_url;
      }
      if (wasAwaited) feel(answer.outcome === "done" ? "done" : "right");
    } else {
      if (known?.isMarked) mark(scan, false);
      isFinished = false;
      if (answer.plan) replacePlan(answer.plan);
      if (isFresh) {
        question = answer.choices?.length ? { scan, choices: answer.choices } : null;
        shownSay(question ? "ask" : "wrong", answer.message);
        feel(question ? "ask" : "wrong");
        // Seen here and now: it need not stand on the list of things to look at.
        if (answer.outcome === "wrong") { await store.dropConflict(scan.key); sender.announce({ kind: "queue" }); }
      } else { shownSay("wrong", answer.message); feel("wrong"); }
      if (answer.outcome === "conflict") reloadPlan();
    }
    mine.delete(scan.key);
    await save();
    afterStep();
    if (buffer.length && !awaiting) take(buffer.shift());
  };

  const answerQuestion = async (choice) => {
    const { id, ...scan } = question.scan;
    question = null;
    const step = stepOf(scan.step) || plan.steps[0];
    await keep({ ...scan, key: newKey(), scanned_at: new Date().toISOString(), details: { ...scan.details, [choice.detail]: choice.value } }, step, sender.isOnline);
  };

  // The world moved on: the plan as the server sees it now, with what still waits here done.
  const reloadPlan = async () => {
    try {
      const answer = await fetch(`${settings.urls.home}plan/${work}/${encodeURI(task)}/`, { redirect: "manual", credentials: "same-origin" });
      if (!answer.ok) return;
      plan = (await answer.json()).plan;
      done = new Set(plan.done_steps);
      left = new Map();
      for (const scan of await store.waiting()) if (isOfTask(scan)) mark(scan, true);
      await save();
      draw();
    } catch { /* no Wi-Fi: the next answer tries again */ }
  };

  // --- Undo: only what has not left the handheld

  const undo = async () => {
    if (entry && entry.step.ask !== "units") { entry = null; shownSay("right", ""); draw(); scanner.focus(); return; }
    if (question) { question = null; shownSay("right", ""); draw(); return; }
    if (plan.details?.again && done.size) { done = new Set(); entry = null; shownSay("right", ""); await save(); afterStep(); return; }
    const remove = async () => {
      const own = (await store.waiting()).filter((scan) => isOfTask(scan) && scan.user === settings.user);
      const last = own.at(-1);
      if (!last) return null;
      await store.drop(last.id);
      return last;
    };
    // While one tab sends, what it sends cannot be taken back.
    const removed = await sender.alone(remove);
    if (!removed) { shownSay("ask", mine.size || done.size ? say("cannot_undo") : say("nothing_to_undo")); return; }
    mine.delete(removed.key);
    mark(removed, false);
    isFinished = false;
    entry = null;
    shownSay("ask", say("undone", { what: [removed.said, removed.units ? `× ${removed.units}` : ""].filter(Boolean).join(" ") }));
    await save();
    sender.announce({ kind: "queue" });
    afterStep();
  };

  // --- Start: what the page says, what is newer here, and what still waits

  const start = async () => {
    const kept = await store.progress(progressId).catch(() => null);
    if (kept && kept.page === settings.page) {
      // The page comes from the handheld's own store: what was done since stands in the progress.
      plan = kept.plan;
      done = new Set(kept.done);
      left = new Map(kept.left);
      isFinished = kept.isFinished;
    } else {
      for (const scan of await store.waiting().catch(() => [])) if (isOfTask(scan)) mark(scan, true);
    }
    afterStep();
  };

  $("entry").addEventListener("submit", (event) => { event.preventDefault(); confirmEntry(); });
  $("entry-cancel").addEventListener("click", () => {
    if (entry?.step.ask === "units") { $("units").value = ""; return; }
    entry = null;
    draw();
    scanner.focus();
  });
  $("pad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]")?.dataset.digit;
    if (!key) return;
    const field = $("units");
    if (key === "back") field.value = field.value.slice(0, -1);
    else if (entry?.fresh) field.value = key;
    else field.value += key;
    if (entry) entry.fresh = false;
  });
  document.querySelectorAll("[data-add]").forEach((button) => button.addEventListener("click", () => { addUnits(Number(button.dataset.add)); if (entry) entry.fresh = false; }));
  $("undo").addEventListener("click", undo);
  scanner.on((text) => { take(text); });
  sender.on((event) => { if (event.kind === "answer") onAnswer(event); });
  start();
})();
