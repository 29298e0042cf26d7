// What a scan means to the handheld itself, while there is no Wi-Fi to ask: the same forms as flows/floor/codes.py.
(() => {
  const GS = "\x1d";
  const MARKS = ["]C1", "]d2", "]Q3", "]e0", "]J1"];
  const SPELLINGS = ["\u241d", "<GS>", "{GS}", "[GS]", "~029", "\\x1d", "\u00e8"];
  // Length of what follows an application identifier that needs no separator.
  const FIXED = { "00": 18, "01": 14, "02": 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2 };
  const OPEN = ["10", "21", "22", "30", "37"];

  const checkDigit = (digits) => {
    let total = 0;
    [...digits].reverse().forEach((digit, at) => { total += Number(digit) * (at % 2 === 0 ? 3 : 1); });
    return String((10 - (total % 10)) % 10);
  };
  const isRight = (number) => /^\d+$/.test(number) && checkDigit(number.slice(0, -1)) === number.slice(-1);
  const plain = (text) => text.replace(/\s+/g, "").toUpperCase();

  // YYMMDD, day 00: the last of the month; null when it is no day.
  const dayOf = (text) => {
    if (!/^\d{6}$/.test(text)) return null;
    const year = 2000 + Number(text.slice(0, 2)), month = Number(text.slice(2, 4));
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const day = Number(text.slice(4)) || last;
    if (month < 1 || month > 12 || day > last) return null;
    return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  };

  // Parts of a GS1 message by identifier; null when it is none, or when it has a part that only the server knows.
  const partsOf = (body) => {
    const parts = {};
    let rest = body.split(GS).filter((piece) => piece);
    while (rest.length) {
      let piece = rest.shift();
      while (piece) {
        const ai = piece.slice(0, 2);
        if (FIXED[ai]) {
          const value = piece.slice(2, 2 + FIXED[ai]);
          if (value.length < FIXED[ai] || !/^\d+$/.test(value)) return null;
          parts[ai] ??= value;
          piece = piece.slice(2 + FIXED[ai]);
        } else if (OPEN.includes(ai)) {
          if (piece.length < 3) return null;
          parts[ai] ??= piece.slice(2);
          piece = "";
        } else return null;
      }
    }
    return Object.keys(parts).length ? parts : null;
  };

  const read = (text) => {
    let cleaned = text;
    SPELLINGS.forEach((spelling) => { cleaned = cleaned.split(spelling).join(GS); });
    cleaned = cleaned.replace(/[\x00-\x1c\x1e\x1f\x7f]/g, "").replace(/^[ \t\u3000\ufeff]+|[ \t\u3000\ufeff]+$/g, "");
    const mark = /^\][A-Za-z][0-9A-Za-z]/.exec(cleaned);
    const body = mark ? cleaned.slice(3) : cleaned;
    const result = { text, code: plain(body), lot: "", expires: "", count: null };
    const take = (parts) => {
      const item = parts["01"] || parts["02"] || "";
      result.code = parts["01"] || parts["00"] || parts["02"] || result.code;
      result.lot = parts["10"] || "";
      result.expires = dayOf(parts["17"] || parts["15"] || "") || "";
      result.count = parts["37"] || parts["30"] || null;
      result.isWrong = Boolean(item) && !isRight(item);
      return result;
    };
    if ((mark && MARKS.includes(mark[0])) || body.includes(GS)) {
      const parts = partsOf(body);
      return parts ? take(parts) : result;
    }
    const written = /^\(\d{2,4}\)/.test(body) ? partsOf(body.replace(/\((\d{2,4})\)/g, (_, ai) => GS + ai)) : null;
    if (written) return take(written);
    const number = /^\d[\d -]*\d$/.test(body) ? body.replace(/[ -]/g, "") : "";
    if (number.length === 18 && isRight(number)) return { ...result, code: number };
    if ([8, 12, 13, 14].includes(number.length) && isRight(number)) return { ...result, code: number.padStart(14, "0") };
    const head = /^(?:00(\d{18})|0[12](\d{14})(?=.))/.exec(body);
    if (head && isRight(head[1] || head[2])) {
      const parts = partsOf(body);
      if (parts) return take(parts);
    }
    return result;
  };

  // The GTIN of the items in a pack whose GTIN-14 begins with 1 to 8.
  const itemInside = (gtin) => {
    if (!/^[1-8]\d{13}$/.test(gtin)) return "";
    const digits = "0" + gtin.slice(1, 13);
    return digits + checkDigit(digits);
  };

  window.Floor = Object.assign(window.Floor || {}, { codes: { read, itemInside, plain } });
})();
