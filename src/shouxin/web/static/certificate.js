// Checks a deletion certificate in the browser, with WebCrypto alone: nothing is sent anywhere.
// 在浏览器中核验删除证明：只用 WebCrypto，不发送任何数据。
//
// The same checks, in the same order, as verify_certificate.py at the root of the repository; a test holds the two
// against each other, odd shapes included, which is why JSON values are compared here as Python compares them.
// Specifications: RFC 6962, 8032, 8785, 9162; c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature.
"use strict";

globalThis.shouxinCertificate = (() => {
  const FORMAT = "shouxin.certificate/2";
  const FIELDS = ("accountable_until attested checkpoint downstream events evidence_retained format institution issued live " +
    "openings operation outcome parts planned proved residuals scope sealed signature subject summary suppression").split(" ");
  const ADDED = ["databases"];
  const BASE_ATTESTED = ["no-copy-of-a-key-was-kept-outside-the-keyring", "the-provider-destroyed-the-root-key",
    "no-recipient-holds-a-copy-that-is-not-listed", "the-list-of-openings-is-complete", "residuals-are-all-that-is-left"];
  const LOG = 1, WITNESS = 4;
  const SIZE_LIMIT = 1n << 63n;
  // What Python calls white space; what JavaScript does differs by three characters.
  const NAME = /^[^+\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;
  const utf8 = new TextEncoder();

  class NotGenuine extends Error {}
  class NoJson extends Error {}

  function need(holds, why) {
    if (!holds) throw new NotGenuine(why);
  }

  // ------------------------------------------------------------------------------------------------- values and bytes
  const isList = Array.isArray;
  const isObject = (value) => typeof value === "object" && value !== null && !isList(value);
  const isText = (value) => typeof value === "string";
  const isWhole = (value) => typeof value === "number" && Number.isInteger(value);
  const truthy = (value) => isList(value) ? value.length > 0 : isObject(value) ? Object.keys(value).length > 0 : Boolean(value);

  function get(holder, key) {
    need(isObject(holder) && Object.hasOwn(holder, key), "a field is missing");
    return holder[key];
  }

  // By code point, as the other verifiers sort; UTF-16 order differs for rare characters only.
  function byPoints(one, other) {
    const [left, right] = [Array.from(one), Array.from(other)];
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      const apart = left[at].codePointAt(0) - right[at].codePointAt(0);
      if (apart) return apart;
    }
    return left.length - right.length;
  }

  // What a loop goes through: of an object its keys, of a text its characters.
  function each(value) {
    if (isList(value)) return value;
    need(isObject(value) || isText(value), "no list");
    return isText(value) ? Array.from(value) : Object.keys(value).sort(byPoints);
  }

  const number = (value) => (typeof value === "boolean" ? Number(value) : value);

  function same(one, other) {
    if (isList(one) || isList(other)) {
      return isList(one) && isList(other) && one.length === other.length && one.every((part, at) => same(part, other[at]));
    }
    if (isObject(one) || isObject(other)) {
      const names = isObject(one) && isObject(other) ? Object.keys(one) : [];
      return isObject(one) && isObject(other) && names.length === Object.keys(other).length &&
        names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
    }
    return number(one) === number(other);
  }

  function greater(one, other) {
    if (isList(one) && isList(other)) {
      const at = one.findIndex((part, place) => place >= other.length || !same(part, other[place]));
      return at >= 0 && (at >= other.length || greater(one[at], other[at]));
    }
    const [left, right] = [number(one), number(other)];
    need(left !== null && typeof left === typeof right && typeof left !== "object", "what cannot be compared");
    return isText(left) ? byPoints(left, right) > 0 : left > right;
  }

  // Every different value once, in order.
  function sortedOnce(values) {
    const found = [];
    for (const value of values) {
      need(!(typeof value === "object" && value !== null), "no code");
      if (!found.some((one) => same(one, value))) found.push(value);
    }
    return found.sort((one, other) => (greater(one, other) ? 1 : -1));
  }

  function canonical(value) {
    if (isList(value)) return "[" + value.map(canonical).join(",") + "]";
    if (!isObject(value)) return JSON.stringify(value);
    return "{" + Object.keys(value).sort(byPoints).map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  function unhex(text, size) {
    need(isText(text) && text.length === 2 * size && /^[0-9a-f]*$/.test(text), "a digest or identifier of another length or spelling");
    return Uint8Array.from({ length: size }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
  }

  function unbase64(text) {
    let raw = null;
    try { raw = atob(text); } catch { need(false, "no base64"); }
    need(btoa(raw) === text, "base64 in another spelling");
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  }

  function joined(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  }

  const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
  const sha = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const shaText = async (text) => hex(await sha(utf8.encode(text)));

  // ------------------------------------------------------------------------------------------------------------- JSON
  // Whole numbers, texts, lists and objects only, at most 16 levels deep.
  function plain(value, depth) {
    if (isList(value) || isObject(value)) {
      if (isObject(value) && !Object.keys(value).every((key) => key.isWellFormed())) return false;
      return depth < 16 && (isList(value) ? value : Object.values(value)).every((one) => plain(one, depth + 1));
    }
    if (isText(value)) return value.isWellFormed();
    return typeof value !== "number" || (Number.isSafeInteger(value) && String(value).length <= 15);
  }

  function parsed(text) {
    try { return JSON.parse(text); } catch { /* perhaps numbers that JSON does not have, and Python reads */ }
    try {
      return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) => (found[0] === '"' ? found : "0.5")));
    } catch { throw new NoJson("no JSON"); }
  }

  function readText(text) {
    const value = parsed(text);
    need(isObject(value) && plain(value, 0) && canonical(value) === text, "not in canonical form (RFC 8785)");
    return value;
  }

  // A certificate as its file has it, with or without a newline at its end.
  function read(bytes) {
    const cut = bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes;
    let text = null;
    try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(cut); } catch { throw new NoJson("no UTF-8"); }
    return readText(text);
  }

  // ------------------------------------------------------------------------------------------------- keys and notes
  async function parseKey(text, kind) {
    const [, name, digits, encoded] = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(text) ?? [];
    need(name !== undefined, "no verifier key");
    const material = unbase64(encoded);
    const id = (await sha(joined(utf8.encode(name + "\n"), material))).subarray(0, 4);
    const named = NAME.test(name) && utf8.encode(name).every((byte) => byte >= 32);
    need(named && material.length === 33 && material[0] === kind && hex(id) === digits, "another kind of key");
    return { kind, name, id: hex(id), material: material.subarray(1) };
  }

  async function holds(key, message, signature) {
    let known = null;
    try { known = await crypto.subtle.importKey("raw", key.material, "Ed25519", false, ["verify"]); } catch (error) {
      if (error.name === "NotSupportedError") throw error; // this browser cannot check anything: say that, not "not genuine"
      return false;
    }
    return crypto.subtle.verify("Ed25519", known, signature, message);
  }

  // The text of a note, and the kinds and names of the known keys that signed it; each of their signatures holds.
  async function openNote(note, keys) {
    need(isText(note), "no signed note");
    const cut = note.lastIndexOf("\n\n");
    const raw = utf8.encode(note);
    need(cut >= 0 && raw.length <= 1 << 19 && raw.every((byte) => byte >= 32 || byte === 10), "no signed note");
    const [text, foot] = [note.slice(0, cut) + "\n", note.slice(cut + 2)];
    const lines = foot.slice(0, -1).split("\n");
    need(foot.endsWith("\n") && lines.length <= 64, "no signed note");
    const signers = [];
    for (const line of lines) {
      const [, dash, name, encoded] = /^([^ ]*) ([^ ]*) ([^]*)$/.exec(line) ?? [];
      need(name !== undefined, "no signature line");
      const data = unbase64(encoded);
      need(dash === "\u2014" && NAME.test(name) && data.length > 4, "no signature line");
      for (const key of keys) {
        if (key.name !== name || key.id !== hex(data.subarray(0, 4))) continue;
        let [message, signature] = [utf8.encode(text), data.subarray(4)];
        if (key.kind === WITNESS) {
          const at = signature.subarray(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
          [message, signature] = [utf8.encode(`cosignature/v1\ntime ${at}\n${text}`), signature.subarray(8)];
          need(at < SIZE_LIMIT, "a cosignature of a time that does not exist");
        }
        need(await holds(key, message, signature), "a signature does not hold");
        signers.push({ kind: key.kind, name });
      }
    }
    need(signers.some((one) => one.kind === LOG), "no key of this log that you trust signed it");
    return { text, signers };
  }

  // ---------------------------------------------------------------------------------------------------------- entries
  // The root to which an inclusion proof leads (RFC 9162, 2.1.3.2).
  async function climb(node, place, count, hashes) {
    need(isWhole(place) && (isWhole(count) || typeof count === "bigint"), "no such place");
    let [index, last] = [BigInt(place), BigInt(count) - 1n];
    need(index >= 0n && index <= last, "no such place");
    for (const sibling of hashes) {
      need(last !== 0n, "a proof that is too long");
      if (index & 1n || index === last) {
        node = await sha(joined([1], sibling, node));
        while (index && !(index & 1n)) [index, last] = [index >> 1n, last >> 1n];
      } else {
        node = await sha(joined([1], node, sibling));
      }
      [index, last] = [index >> 1n, last >> 1n];
    }
    need(last === 0n, "a proof that is too short");
    return node;
  }

  // The event of one row: in the log, and about this person.
  async function entryOf(row, subject, size, root) {
    const entry = get(row, "entry");
    need(isText(entry), "no entry");
    const path = each(get(row, "hashes")).map((one) => unhex(one, 32));
    const top = await climb(await sha(joined([0], utf8.encode(entry))), get(row, "leaf"), size, path);
    need(equal(top, root), "an entry is not in the log");
    const [event, member] = [readText(entry), get(row, "member")];
    const blinded = joined(utf8.encode("shouxin/commitment/v1\0"), unhex(get(row, "blinding"), 32), subject);
    const commitment = await sha(blinded);
    need((member === null) === Object.hasOwn(event, "subject"), "an entry of another kind");
    if (member === null) {
      need(event.subject === hex(commitment), "an entry about somebody else");
    } else {
      const count = get(event, "count");
      need(isWhole(get(member, "count")) && member.count === count, "another number of members");
      const up = each(get(member, "hashes")).map((one) => unhex(one, 32));
      const found = await climb(await sha(joined([0], commitment)), get(member, "position"), count, up);
      need(equal(found, unhex(get(event, "members"), 32)), "an entry about others");
    }
    return event;
  }

  // ------------------------------------------------------------------------------------------------------ the document
  function texts(row, names, dated = []) {
    return names.split(" ").map((one) => isText(get(row, one))).every(Boolean) &&
      dated.every((one) => get(row, one) === null || isText(row[one]));
  }

  // What rests on the institution's word must at least be readable.
  function checkShape(doc) {
    const lists = "attested downstream evidence_retained proved residuals".split(" ");
    need(FIELDS.every((one) => Object.hasOwn(doc, one)) && lists.every((one) => isList(doc[one])), "a field is missing, or no list");
    need(texts(doc.institution, "name origin") && texts(doc, "issued", ["accountable_until"]), "no text");
    need([...doc.proved, ...doc.attested].every(isText), "no list of codes");
    need(BASE_ATTESTED.every((one) => doc.attested.includes(one)), "what rests on the institution's word is not said");
    need(doc.residuals.every((one) => texts(one, "what where owner state", ["due"]) &&
      (!Object.hasOwn(one, "day_set_by") || isText(one.day_set_by))), "residuals");
    need(doc.evidence_retained.every((one) => texts(one, "what card article", ["until"])), "evidence");
    need(doc.suppression === null || texts(doc.suppression, "card term article", ["until"]), "suppression");
    need(doc.downstream.every((one) => texts(one, "database outcome") && isList(get(one, "tables"))), "downstream");
  }

  const wrote = (at) => new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19) + "Z";

  function checkTimes(doc, events) {
    const times = events.map((one) => get(one, "at"));
    need(times.every((at) => isWhole(at) && at >= 0 && at < 253402300800000), "a time beyond the year 9999");
    const said = times.map(wrote);
    const told = [doc.scope, doc.planned, doc.live, doc.sealed];
    const logged = [get(events[0], "scope"), said[0], ...said.slice(2), null].slice(0, 4);
    need(same(told, logged) && times.every((at, place) => !place || times[place - 1] <= at), "another scope or times");
    const stamp = /^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z$/.test(doc.issued);
    need(stamp && doc.issued >= said.at(-1), "issued before what it speaks of");
  }

  function checkPart(one) {
    const named = truthy(get(one, "rule")) && truthy(get(one, "article")) && (get(one, "until") === null || isText(one.until));
    need(named === (get(one, "outcome") === "retained"), "a part is retained without an article, or gone with one");
    need(["erased", "nothing-found", "retained"].includes(one.outcome), "a part without an outcome");
  }

  // Whether times, scope, parts and outcome are what the entries say.
  async function checkErasure(doc, events) {
    const kinds = ["erasure.intended", "erasure.removed", "erasure.done", "erasure.sealed"].slice(0, Math.max(3, events.length));
    need(same(events.map((one) => get(one, "event")), kinds), "not intent, removal, outcome (and sealing) of one erasure");
    const [begun, removed, done, ...sealing] = events;
    need(events.slice(0, 3).every((one) => same(get(one, "op"), doc.operation)), "an entry of another erasure");
    checkTimes(doc, events);
    for (const one of sealing) {
      need(same(get(one, "plan"), get(done, "plan")) && greater(get(one, "epoch"), get(done, "epoch")), "another sealing");
    }
    need(get(done, "plan") === await shaText(canonical(doc.parts)), "other parts than the log speaks of");
    const parts = each(doc.parts);
    parts.forEach(checkPart);
    const gone = parts.filter((one) => one.outcome === "erased").length;
    const kept = parts.filter((one) => one.outcome === "retained").map((one) => one.rule);
    const rules = sortedOnce(kept);
    const without = rules.some((one) => one !== "not-in-scope") ? "retained" : "nothing-found";
    const outcome = gone ? (kept.length ? "erased-in-part" : "erased") : without;
    const objects = parts.filter((one) => get(one, "kind") === "object").length;
    need(same([get(begun, "cells"), get(begun, "objects"), get(begun, "rules")], [parts.length, objects, rules]), "another plan than the log speaks of");
    const counts = [get(removed, "cells"), get(removed, "objects")];
    need(counts.every((one) => isWhole(one) && one >= 0) && counts[0] + counts[1] <= gone, "other removals than listed");
    const said = [get(done, "erased"), get(done, "retained"), get(done, "rules"), get(done, "outcome"), done.outcome];
    need(same(said, [gone, kept.length, rules, outcome, doc.outcome]), "another outcome than was logged");
    return { removed: counts[0] + counts[1], gone };
  }

  // The names of databases that answered as the log holds; others rest on the institution's word.
  function checkDatabases(doc, told, done) {
    const logged = new Map();
    for (const one of told) {
      need(get(one, "event") === "database.erased" && !greater(get(one, "at"), done.at), "no answer of a database");
      need(get(one, "op") === done.op, "an answer to another erasure");
      need(isText(get(one, "dataset")) && isText(get(one, "outcome")), "no answer of a database");
      logged.set(one.dataset, one.outcome);
    }
    const same = doc.downstream.every((one) => (logged.get(one.database) ?? one.outcome) === one.outcome);
    const named = doc.downstream.map((one) => one.database);
    need(same && logged.size === told.length && [...logged.keys()].every((one) => named.includes(one)), "other answers than the databases gave");
    return [...logged.keys()];
  }

  function add(counter, items) {
    if (items === null) return;
    if (isObject(items)) { // what is counted already
      const empty = counter.size === 0;
      for (const [key, count] of Object.entries(items)) {
        need(empty || isWhole(number(count)), "no count");
        counter.set(key, empty ? count : number(count) + number(counter.get(key) ?? 0));
      }
      return;
    }
    for (const one of each(items)) {
      need(isText(one), "no code");
      counter.set(one, number(counter.get(one) ?? 0) + 1);
    }
  }

  function totals(parts, openings) {
    const total = { erased: new Map(), openings: new Map(), retained: new Map() };
    add(total.openings, openings.map((one) => get(one, "purpose")));
    for (const part of each(parts)) add(total[part.outcome] ?? new Map(), get(part, "items"));
    return Object.fromEntries(Object.entries(total).map(([name, counter]) => [name, Object.fromEntries(counter)]));
  }

  // The names of witnesses, the size of the log and the digest, if everything in the certificate holds.
  async function check(doc, keys, witnessKeys) {
    need(same(get(doc, "format"), FORMAT), "not a certificate of a format known here");
    need(!Object.hasOwn(doc, "databases") || isList(doc.databases), "not a certificate of a format known here");
    const origin = get(get(doc, "institution"), "origin");
    const own = keys.filter((key) => key.name === origin);
    const digest = await shaText(canonical(Object.fromEntries(Object.entries(doc).filter(([name]) => name !== "signature"))));
    const signed = await openNote(get(doc, "signature"), own);
    need(signed.text === `${FORMAT}\n${digest}\n`, "changed after it was signed");
    const { text, signers } = await openNote(get(doc, "checkpoint"), [...own, ...witnessKeys]);
    const lines = text.split("\n");
    need(lines.length >= 4 && lines.slice(0, -1).every(Boolean) && lines[0] === origin, "no checkpoint of this log");
    need(/^(0|[1-9][0-9]{0,18})$/.test(lines[1]) && BigInt(lines[1]) < SIZE_LIMIT, "no size");
    const [size, root, subject] = [BigInt(lines[1]), unbase64(lines[2]), unhex(get(doc, "subject"), 16)];
    const found = { events: [], openings: [], databases: [] };
    for (const name of ["events", "openings", ...ADDED.filter((one) => Object.hasOwn(doc, one))]) {
      const rows = each(get(doc, name));
      for (const row of rows) found[name].push(await entryOf(row, subject, size, root));
      need(rows.every((row, at) => !at || rows[at - 1].leaf < row.leaf), "entries out of order");
    }
    checkShape(doc);
    const { removed, gone } = await checkErasure(doc, found.events);
    const kinds = ["disclosure.made", "look-up.made"];
    need(found.openings.every((one) => kinds.includes(get(one, "event"))), "an opening that is none");
    need(canonical(doc.summary) === canonical(totals(doc.parts, found.openings)), "other totals than what is listed");
    const names = new Set(signers.filter((one) => one.kind === WITNESS && one.name !== origin).map((one) => one.name));
    const logged = checkDatabases(doc, found.databases, found.events[2]);
    return { names: [...names], size: String(size), digest, removed, gone, logged };
  }

  // Everything at once. `code` is that of verify_certificate.py: 0 it holds, 1 not checked or too few witnesses,
  // 3 not genuine. Keys are texts; `quorum` null asks for every witness that is named.
  async function verify(bytes, logKeys, witnessKeys = [], quorum = null) {
    try {
      const [own, witnesses] = [[], []];
      for (const one of logKeys) own.push(await parseKey(one, LOG));
      for (const one of witnessKeys) witnesses.push(await parseKey(one, WITNESS));
      if (!own.length) return { code: 1, why: "no-key" };
      return await judged(bytes, own, witnesses, quorum);
    } catch (error) {
      return error instanceof NotGenuine ? { code: 1, why: "bad-key" } : { code: 1, why: "browser", detail: String(error) };
    }
  }

  async function judged(bytes, own, witnesses, quorum) {
    try {
      const doc = read(bytes);
      const found = await check(doc, own, witnesses);
      const asked = quorum ?? new Set(witnesses.map((one) => one.name)).size;
      if (found.names.length < asked) return { code: 1, why: "too-few-witnesses", doc, ...found };
      return { code: 0, why: "", doc, unknown: Object.keys(doc).filter((one) => ![...FIELDS, ...ADDED].includes(one)).sort(), ...found };
    } catch (error) {
      if (error instanceof NoJson) return { code: 1, why: "no-json" };
      if (error instanceof NotGenuine) return { code: 3, why: "not-genuine", detail: error.message };
      throw error;
    }
  }

  return { FORMAT, verify };
})();
