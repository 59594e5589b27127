"use strict";
// Opens the box in this page with the passphrase, in the browser, offline. Format: docs/rights.md.
(() => {
  const said = (zh, en) => { document.getElementById("said").textContent = zh + " / " + en; };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const box = JSON.parse(document.getElementById("box").textContent);
  const plain = (typed) => typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const open = async (passphrase) => {
    const utf8 = new TextEncoder();
    const from = await crypto.subtle.importKey("raw", utf8.encode(plain(passphrase)), "PBKDF2", false, ["deriveKey"]);
    const rounds = { name: "PBKDF2", hash: "SHA-256", salt: bytes(box.salt), iterations: box.iterations };
    const key = await crypto.subtle.deriveKey(rounds, from, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const how = { name: "AES-GCM", iv: bytes(box.nonce), additionalData: utf8.encode(box.format), tagLength: 128 };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, bytes(box.sealed)));
  };
  const show = (opened) => {
    const length = new DataView(opened.buffer).getUint32(0);
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "");
    frame.srcdoc = new TextDecoder().decode(opened.subarray(4, 4 + length));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([opened.subarray(4 + length)], { type: "application/zip" }));
    link.download = "personal-information.zip";
    link.textContent = "下载机器可读文件 / Download the machine-readable files";
    document.body.replaceChildren(link, frame);
  };
  document.getElementById("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!globalThis.crypto || !crypto.subtle) {
      said("此浏览器不能解密，请用较新的浏览器打开", "this browser cannot open it: use a newer one");
      return;
    }
    said("正在打开", "opening");
    try {
      show(await open(document.getElementById("passphrase").value));
    } catch {
      said("口令不对，或文件已被改动", "another passphrase, or the file was altered");
    }
  });
})();
