/* Self-examinations and reflections: what is being written goes to the server every 20 seconds and on leaving.

   Until the server says that it has the text, this browser keeps it, for this person and this
   text only; whoever signs in here as somebody else is not shown it. The page works without
   this file by its button. */

(function () {
  "use strict";

  const form = document.querySelector("form[data-examination]");
  const person = document.body.dataset.person;
  if (!form || !person) return;

  const EACH = 20000;
  const KEEPALIVE = 60000; // bytes a browser lets through while the page goes away
  const OURS = ["csrfmiddlewaretoken", "token", "version", "promise", "keep", "next", "nothing"];
  const key = "reform:examination:" + person + ":" + form.dataset.examination;
  const place = document.querySelector("[data-keeping]");
  const said = document.querySelector("[data-saved]");
  let dirty = false;
  let leaving = false;
  let stopped = false; // saved elsewhere meanwhile: the button shows both texts
  let flying = null;
  let sent = "";
  let before = null; // what an earlier visit left here, until it is taken or thrown away

  const stored = (work) => {
    try { return work(); } catch (error) { return null; } // storage switched off or full
  };

  /* Name → values, blank ones left out: the same for what was typed and what the server holds. */
  function fields() {
    const found = {};
    new FormData(form).forEach((value, name) => {
      if (OURS.includes(name) || typeof value !== "string" || !value.trim()) return;
      (found[name] = found[name] || []).push(value.replace(/\r\n/g, "\n").trim());
    });
    return found;
  }

  function same(one, other) {
    const line = (all) => Object.keys(all).sort().map((name) => name + "\u0000" + [].concat(all[name]).sort().join("\u0001"));
    return line(one).join("\u0002") === line(other).join("\u0002");
  }

  function keepHere() {
    stored(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: fields(), before: before })));
  }

  function dropHere() {
    if (before) keepBefore();
    else stored(() => localStorage.removeItem(key));
  }

  function keepBefore() {
    stored(() => localStorage.setItem(key, JSON.stringify(before)));
  }

  function note(words, kind, parts) {
    const box = document.createElement("div");
    box.className = "note note--" + kind;
    box.setAttribute("role", "status");
    const text = document.createElement("div");
    text.textContent = words;
    box.append(text, ...(parts || []));
    place.replaceChildren(box);
    return box;
  }

  function button(words, className, work) {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "btn btn-sm " + className;
    one.textContent = words;
    one.addEventListener("click", work);
    return one;
  }

  /* ---- to the server ------------------------------------------------------------------------- */

  function body() {
    const data = new FormData(form);
    ["token", "keep", "next", "nothing"].forEach((name) => data.delete(name));
    return new URLSearchParams(Array.from(data).filter((pair) => typeof pair[1] === "string"));
  }

  /* Becomes true when the server has what stands in the form now. */
  function save() {
    if (flying) return flying.then(() => (dirty && !stopped ? save() : !dirty));
    if (stopped) return Promise.resolve(false);
    const now = fields();
    sent = JSON.stringify(now);
    flying = fetch(form.dataset.save, {
      method: "POST",
      body: body(),
      credentials: "same-origin",
      redirect: "manual",
      headers: { Accept: "application/json" },
    }).then(answered, () => {
      note("连接不上服务器，内容保存在本机，恢复后自动保存。", "warn");
      return false;
    });
    return flying.then((done) => { flying = null; return done; });
  }

  function answered(answer) {
    if (answer.ok) {
      return answer.json().then((found) => {
        form.elements.version.value = found.version;
        if (said) said.textContent = found.saved + " 保存";
        const whole = sent === JSON.stringify(fields());
        if (whole) { dirty = false; dropHere(); }
        if (!before) place.replaceChildren();
        return whole;
      });
    }
    if (answer.status === 409) {
      return answer.json().then((found) => {
        // Our own last save, whose answer never came: it is not somebody else's.
        const there = {};
        Object.keys(found.there).forEach((name) => {
          const values = [].concat(found.there[name]).filter((one) => String(one).trim());
          if (values.length) there[name] = values;
        });
        if (earlier && same(there, earlier)) {
          form.elements.version.value = found.version;
          return false;
        }
        stopped = true;
        note(found.words.replace("，两份都在下面", "") + "请按“保存草稿”，系统会把两份并排给您，都不会丢。", "warn");
        return false;
      });
    }
    if (answer.status === 422) {
      return answer.json().then((found) => { note(found.words + "内容保存在本机。", "warn"); return false; });
    }
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 401) {
      const link = document.createElement("a");
      link.className = "btn btn-sm btn-secondary";
      link.textContent = "重新登录";
      link.href = "/login/?next=" + encodeURIComponent(location.pathname);
      note("登录已过期。您写的内容保存在本机，重新登录后会还给您。", "warn", [link]);
      return false;
    }
    note(answer.status === 400 ? "内容太长，系统没有收下；内容保存在本机，请精简后再保存。" : "暂时没有保存成功，内容保存在本机，稍后自动再试。", "warn");
    return false;
  }

  let earlier = null; // what was sent before the one under way

  function tick() {
    if (!dirty || stopped || leaving) return;
    save().then(() => { earlier = sent ? JSON.parse(sent) : null; });
  }

  setInterval(tick, EACH);

  /* ---- leaving -------------------------------------------------------------------------------- */

  let timer = 0;
  ["input", "change"].forEach((kind) => form.addEventListener(kind, () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keepHere, 400);
  }));

  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tick(); });

  window.addEventListener("pagehide", () => {
    if (!dirty || leaving || stopped) return;
    keepHere();
    const data = body();
    if (data.toString().length < KEEPALIVE) {
      fetch(form.dataset.save, { method: "POST", body: data, credentials: "same-origin", redirect: "manual", keepalive: true }).catch(() => {});
    }
  });

  window.addEventListener("submit", (event) => {
    const pressed = event.submitter || undefined;
    if (event.target === form) {
      if (flying) { // its answer bears the version that this one must carry
        event.preventDefault();
        event.stopImmediatePropagation();
        flying.then(() => form.requestSubmit(pressed));
        return;
      }
      clearTimeout(timer);
      if (dirty) keepHere();
      return;
    }
    if (/\/logout\/$/.test(event.target.action) && dirty && !leaving) {
      event.preventDefault();
      event.stopImmediatePropagation();
      clearTimeout(timer);
      keepHere();
      save().then(() => { leaving = true; event.target.requestSubmit(pressed); leaving = !dirty; });
    }
  }, true);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    // The next page knows by this that it went through; a sign-in between does not count (reform.js).
    stored(() => sessionStorage.setItem("reform:sent", key));
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  /* ---- coming back ---------------------------------------------------------------------------- */

  function putBack(texts) {
    Array.from(form.elements).forEach((field) => {
      if (!field.name || OURS.includes(field.name)) return;
      const values = texts[field.name] || [];
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.tagName === "TEXTAREA" || field.type === "text") field.value = values[0] || "";
    });
    dirty = true;
    keepHere();
  }

  function offer() {
    const kept = stored(() => JSON.parse(localStorage.getItem(key)));
    if (!kept) return;
    const older = kept.before;
    const one = same(kept.fields, fields()) ? older : kept;
    if (!one || same(one.fields, fields())) { dropHere(); return; }
    before = { at: one.at, fields: one.fields };
    keepBefore();
    const at = new Date(before.at);
    const minutes = String(at.getMinutes()).padStart(2, "0");
    const words = "本机存有您" + (at.getMonth() + 1) + "月" + at.getDate() + "日 " + at.getHours() + ":" + minutes + " 没有保存到系统的内容。";
    const done = () => { before = null; place.replaceChildren(); };
    note(words, "warn", [
      button("恢复", "btn-secondary", () => { const texts = before.fields; done(); putBack(texts); tick(); }),
      button("丢弃", "btn-link", () => { done(); if (dirty) keepHere(); else dropHere(); }),
    ]);
  }

  if (form.hasAttribute("data-unsaved")) { // refused: it stands on the page, and nowhere else yet
    dirty = true;
    keepHere();
  } else {
    offer();
  }
})();
