// The page around certificate.js: takes a file and keys, and says what came of it. It sends nothing anywhere.
"use strict";

(() => {
  const at = (id) => document.getElementById(id);
  const words = new Map(Array.from(at("words").children, (one) => [one.dataset.word, one.textContent]));
  let dropped = null;

  // {name} becomes what `about` has; whatever is not printable is shown by its number, so that nothing poses as our words.
  function say(code, about = {}) {
    const text = words.get(code) ?? code;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in about ? printable(String(about[name])) : whole));
  }

  function printable(text) {
    return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (one) => "\\u" + one.codePointAt(0).toString(16).padStart(4, "0"));
  }

  const known = (prefix, code) => words.get(prefix + code) ?? printable(String(code));
  const lines = (id) => at(id).value.split(/\s+/).filter(Boolean);
  const list = (counts, prefix) => Object.entries(counts).map(([code, count]) => `${known(prefix, code)} × ${count}`).join(", ") || say("none");

  function element(tag, text = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function section(title, rows) {
    const list = element("ul");
    list.append(...rows.map((row) => element("li", row)));
    return [element("h3", title), list];
  }

  function told({ doc, names, size, digest, unknown, removed, gone, logged }) {
    const kept = doc.parts.length ? doc.parts.filter((one) => one.outcome === "retained") : [];
    const terms = new Set(kept.map((one) => say("term", { article: one.article, until: one.until ?? "?" })));
    const left = (one) => [one.what, one.where, one.owner, one.due ?? "—", one.day_set_by && known("day.", one.day_set_by), one.state];
    const residuals = doc.residuals.map((one) => say("residual", { what: left(one).filter(Boolean).join(" · ") }));
    const row = (one, fields) => fields.split(" ").map((field) => one[field] ?? "—").join(" · ");
    const answers = doc.downstream.map((one) => [logged.includes(one.database), say("database", { name: one.database, outcome: known("database.", one.outcome) })]);
    const evidence = doc.evidence_retained.map((one) => say("evidence", { what: row(one, "what card article until") }));
    const tag = doc.suppression === null ? [] : [say("suppression", { what: row(doc.suppression, "card term article until") })];
    return [
      ...section(say("proved"), [
        say("signed", { name: doc.institution.name, digest }),
        say("log", { origin: doc.institution.origin, size }),
        say("times", { planned: doc.planned, live: doc.live, sealed: doc.sealed ?? say("not-yet") }),
        say("erased", { what: list(doc.summary.erased, "item.") }),
        say("removed", { gone, removed }),
        say("retained", { what: [list(doc.summary.retained, "item."), ...terms].join("; ") }),
        say("openings", { what: list(doc.summary.openings, "") }),
        ...answers.filter(([held]) => held).map(([, text]) => text),
        say("witnesses", { count: names.length, names: names.join(", ") || say("none") }),
      ]),
      ...section(say("attested"), [...doc.attested.map((code) => known("a.", code)), ...residuals,
        ...answers.filter(([held]) => !held).map(([, text]) => text), ...evidence, ...tag]),
      ...section(say("cannot"), [
        say("cannot-you", { subject: doc.subject }), say("cannot-true"), say("cannot-later", { issued: doc.issued }),
        ...(names.length ? [] : [say("cannot-fork")]), ...unknown.map((field) => say("cannot-field", { field })),
      ]),
    ];
  }

  function shown(found) {
    if (found.code === 0) {
      const failed = found.doc.downstream.filter((one) => one.outcome === "failed").map((one) => one.database).join(", ");
      const but = [failed && say("failed", { names: failed }), found.gone && !found.removed && say("none-removed")].filter(Boolean);
      const head = element("h2", (but.length ? "⚠ " : "✓ ") + say("holds", { outcome: known("outcome.", found.doc.outcome) }));
      return [head, ...but.map((text) => element("h3", text)), ...told(found)];
    }
    const head = element("h2", "✗ " + say(found.why, { count: found.names?.length ?? 0 }));
    if (found.code !== 3) return [head];
    return [head, element("p", say("not-genuine-lead")), element("p", say("reason", { why: found.detail }))];
  }

  async function run(event) {
    event.preventDefault();
    const [file, result, button] = [dropped ?? at("file").files[0], at("result"), at("run")];
    button.disabled = true;
    result.hidden = false;
    result.className = "card result";
    result.removeAttribute("data-code");
    result.replaceChildren(element("p", say("busy")));
    const quorum = /^[0-9]+$/.test(at("quorum").value) ? Number(at("quorum").value) : null;
    const found = file
      ? await shouxinCertificate.verify(new Uint8Array(await file.arrayBuffer()), lines("keys"), lines("witnesses"), quorum)
      : { code: 1, why: "need-file" };
    result.replaceChildren(...shown(found));
    result.classList.add(found.code === 0 ? "good" : "refused");
    result.dataset.code = String(found.code);
    button.disabled = false;
    result.focus();
  }

  function choose(file) {
    dropped = file;
    if (file) at("chosen").textContent = printable(file.name);
  }

  at("check").addEventListener("submit", run);
  at("file").addEventListener("change", () => choose(at("file").files[0] ?? null));
  at("key-file").addEventListener("change", async () => {
    const texts = await Promise.all(Array.from(at("key-file").files, (one) => one.text()));
    at("keys").value = [at("keys").value.trim(), ...texts.map((one) => one.trim())].filter(Boolean).join("\n");
  });
  for (const kind of ["dragenter", "dragover"]) {
    at("drop").addEventListener(kind, (event) => { event.preventDefault(); at("drop").classList.add("over"); });
  }
  at("drop").addEventListener("dragleave", () => at("drop").classList.remove("over"));
  at("drop").addEventListener("drop", (event) => {
    event.preventDefault();
    at("drop").classList.remove("over");
    choose(event.dataTransfer.files[0] ?? null);
  });
})();
