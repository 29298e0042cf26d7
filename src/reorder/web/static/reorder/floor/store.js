// What the handheld keeps: scans that are not sent, answers that need a person, how far each task is. In IndexedDB, so
// that neither a reload nor an empty battery loses a scan.
(() => {
  const json = (id) => { const found = document.getElementById(id); return found ? JSON.parse(found.textContent) : null; };
  const settings = json("floor") || {};
  const words = json("words") || {};
  const say = (name, values = {}) => (words[name] || name).replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));

  const NAME = "reorder-floor";
  let opening = null;
  const open = () => {
    opening ??= new Promise((resolve, reject) => {
      if (!window.indexedDB) { reject(new Error("no IndexedDB")); return; }
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        const base = request.result;
        base.createObjectStore("queue", { keyPath: "id", autoIncrement: true }).createIndex("key", "key", { unique: true });
        base.createObjectStore("conflicts", { keyPath: "key" });
        base.createObjectStore("progress", { keyPath: "id" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  };

  // One transaction over some stores; resolves when it is really on disk.
  const within = async (stores, mode, work) => {
    const base = await open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(stores, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
      let result;
      transaction.oncomplete = () => resolve(result instanceof IDBRequest ? result.result : result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      result = work(...stores.map((name) => transaction.objectStore(name)));
    });
  };

  const add = (scan) => within(["queue"], "readwrite", (queue) => queue.add(scan));
  const waiting = () => within(["queue"], "readonly", (queue) => queue.getAll());
  const conflicts = () => within(["conflicts"], "readonly", (store) => store.getAll());
  const progress = (id) => within(["progress"], "readonly", (store) => store.get(id));
  const saveProgress = (row) => within(["progress"], "readwrite", (store) => { store.put(row); });
  const drop = (id) => within(["queue"], "readwrite", (queue) => { queue.delete(id); });
  const dropConflict = (key) => within(["conflicts"], "readwrite", (store) => { store.delete(key); });
  // A scan leaves the queue and, where a person must look, stands among the conflicts: both or neither.
  const settle = (scan, conflict) => within(["queue", "conflicts"], "readwrite", (queue, store) => {
    queue.delete(scan.id);
    if (conflict) store.put(conflict);
  });

  const newKey = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const device = () => {
    try {
      let known = localStorage.getItem("reorder-device");
      if (!known) { known = newKey().slice(0, 8); localStorage.setItem("reorder-device", known); }
      return known;
    } catch { return ""; }
  };

  // What pages are made of.
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const press = (text, name, act) => {
    const made = make("button", name, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  window.Floor = Object.assign(window.Floor || {}, {
    settings, say, json, newKey, device, make, press,
    store: { add, waiting, conflicts, progress, saveProgress, drop, dropConflict, settle },
  });
})();
