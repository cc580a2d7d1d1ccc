/* What the pages do beyond HTML. Every page works without this file; nothing here decides anything.
   No inline code, no eval: the Content-Security-Policy allows neither. Floor: Chromium 86. */

(function () {
  "use strict";

  const here = document.currentScript;
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const button = (className, text) => {
    const element = make("button", className, text);
    element.type = "button";
    return element;
  };

  /* ---- a question before an act: data-confirm on the form or on the button ------------------ */

  const asked = new WeakSet();

  function ask(text, yes, onYes) {
    const dialog = make("dialog", "ask");
    if (typeof dialog.showModal !== "function") {
      if (window.confirm(text)) onYes();
      return;
    }
    const words = make("p", "", text);
    words.id = "ask-words";
    dialog.setAttribute("aria-labelledby", words.id);
    const bar = make("div", "cluster");
    const no = button("btn btn-secondary", "取消");
    const go = button("btn btn-primary", yes || "确定");
    bar.append(no, go);
    dialog.append(words, bar);
    document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => { dialog.close(); onYes(); });
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    no.focus();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const pressed = event.submitter;
    const text = (pressed && pressed.dataset.confirm) || form.dataset.confirm;
    if (!text || asked.has(form)) {
      asked.delete(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const words = pressed && (pressed.tagName === "INPUT" ? pressed.value : pressed.textContent.trim());
    ask(text, (pressed && pressed.dataset.yes) || form.dataset.yes || words, () => {
      asked.add(form);
      form.requestSubmit(pressed || undefined);
    });
  }, true);

  /* ---- one press, one effect ----------------------------------------------------------------- */

  const busy = [];

  function rest(pressed) {
    const words = pressed.tagName === "INPUT" ? "value" : "textContent";
    busy.push([pressed, pressed.tagName === "INPUT" ? pressed.value : pressed.innerHTML]);
    pressed.disabled = true;
    pressed[words] = pressed.dataset.busy || "正在提交…";
  }

  function wake() {
    busy.splice(0).forEach(([pressed, words]) => {
      pressed.disabled = false;
      if (pressed.tagName === "INPUT") pressed.value = words;
      else pressed.innerHTML = words; // what stood there before, from our own page
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("hx-post") || form.target === "_blank") return;
    // After this turn: a button that is disabled now would not send its own name and value.
    setTimeout(() => {
      if (event.submitter) rest(event.submitter);
      all("button:not([type=button]), input[type=submit]", form).forEach((one) => {
        if (!one.disabled) { busy.push([one, one.tagName === "INPUT" ? one.value : one.innerHTML]); one.disabled = true; }
      });
    }, 0);
    if (form.hasAttribute("data-download")) setTimeout(wake, 4000);
  });
  window.addEventListener("pageshow", wake);

  /* ---- nothing typed is lost: a warning, and long texts kept in this browser ------------------ */

  let dirty = false;
  let leaving = false;

  document.addEventListener("input", (event) => {
    if (event.target.closest && event.target.closest("form[data-guard]")) dirty = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest && event.target.closest("form[data-guard]")) dirty = true;
  });
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!dirty || leaving) return;
    event.preventDefault();
    event.returnValue = "";
  });

  const DRAFT = "reform:draft:";
  const SENT = "reform:sent";
  const KEEP = 7 * 24 * 3600 * 1000;
  const person = document.body ? document.body.dataset.person : "";

  function stored(work) {
    try { return work(); } catch (error) { return null; } // storage switched off or full
  }

  function draftKey(form) { return DRAFT + person + ":" + form.dataset.autosave; }

  function sweepDrafts() {
    Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)).forEach((key) => {
      const draft = stored(() => JSON.parse(localStorage.getItem(key)));
      if (!draft || Date.now() - draft.at > KEEP) localStorage.removeItem(key);
    });
  }

  /* Long texts, and pickers: a browser does not bring back what stood in those. */
  function longTexts(form) { return all("textarea[name], [data-keep][name], input[data-picker][name]", form); }

  function putBack(field, text) {
    if (field.tomselect) {
      const isNames = field.dataset.picker === "names";
      const values = isNames ? text.split("、").filter(Boolean) : [text].filter(Boolean);
      values.forEach((value) => field.tomselect.addOption({ value: value, text: labelOf(value) }));
      field.tomselect.setValue(values);
      return;
    }
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function saveDraft(form) {
    const texts = {};
    longTexts(form).forEach((field) => {
      if (field.value !== field.defaultValue) texts[field.name] = field.value;
    });
    stored(() => {
      if (Object.keys(texts).length) {
        localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), texts: texts }));
      } else {
        localStorage.removeItem(draftKey(form));
      }
    });
  }

  function offerDraft(form) {
    const draft = stored(() => JSON.parse(localStorage.getItem(draftKey(form))));
    if (!draft) return;
    const fields = longTexts(form).filter(
      (field) => field.name in draft.texts && field.value !== draft.texts[field.name]
    );
    if (!fields.length) return;
    const at = new Date(draft.at);
    const minutes = String(at.getMinutes()).padStart(2, "0");
    const note = make("div", "note note--warn");
    note.setAttribute("role", "status");
    const words = make(
      "div", "",
      "本机存有您" + (at.getMonth() + 1) + "月" + at.getDate() + "日 " + at.getHours() + ":" + minutes +
      " 未提交的内容（" + fields.length + "处）。"
    );
    const use = button("btn btn-sm btn-secondary", "恢复");
    const drop = button("btn btn-sm btn-link", "丢弃");
    use.addEventListener("click", () => {
      fields.forEach((field) => putBack(field, draft.texts[field.name]));
      note.remove();
      fields[0].focus();
    });
    drop.addEventListener("click", () => {
      stored(() => localStorage.removeItem(draftKey(form)));
      note.remove();
    });
    note.append(words, use, drop);
    form.prepend(note);
  }

  function keepDrafts() {
    if (!person) return; // the sign-in page: a session that ended must not cost the text
    stored(sweepDrafts);
    const sent = stored(() => sessionStorage.getItem(SENT));
    const forms = all("form[data-autosave]");
    // Pages with ?next= stand between a form and its answer: a session ended, a password is due.
    if (/[?&]next=/.test(location.search)) return;
    const there = document.querySelector("form[data-examination]"); // examination.js looks itself
    if (sent && !there && !forms.some((form) => draftKey(form) === sent)) {
      stored(() => localStorage.removeItem(sent)); // it went through: we are on another page
    }
    stored(() => sessionStorage.removeItem(SENT));
    forms.forEach((form) => {
      offerDraft(form);
      let timer = 0;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => saveDraft(form), 600);
      });
      form.addEventListener("submit", (event) => {
        if (event.defaultPrevented) return;
        clearTimeout(timer);
        saveDraft(form);
        stored(() => sessionStorage.setItem(SENT, draftKey(form)));
      });
    });
  }

  /* Signing out takes with it what a self-examination (examination.js) could not save: the next
     person at this desk finds nothing of it. Whoever signs out is asked first. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !person || !/\/logout\/$/.test(form.action)) return;
    const start = "reform:examination:" + person + ":";
    const kept = stored(() => Object.keys(localStorage).filter((key) => key.startsWith(start))) || [];
    if (!kept.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask("本机还存有没有保存到系统的自查剖析，退出登录会把它清除。", "清除并退出", () => {
      kept.forEach((key) => stored(() => localStorage.removeItem(key)));
      form.requestSubmit();
    });
  }, true);

  /* ---- pickers: a search instead of a list of ten thousand ------------------------------------- */

  function load(tag, facts) {
    return new Promise((done, failed) => {
      const element = Object.assign(document.createElement(tag), facts);
      element.onload = done;
      element.onerror = failed;
      document.head.append(element);
    });
  }

  /* On the wire stands “名称 #17”: what a person without this script would read and write. */
  function labelOf(value) { return value.replace(/ #\d+$/, ""); }

  let toolkit = null;

  function startPickers(within) {
    const fields = all("select[data-picker], input[data-picker]", within)
      .filter((field) => !field.tomselect && !field.closest("template"));
    if (!fields.length || !here || !here.dataset.pickers) return;
    toolkit = toolkit || load("script", { src: here.dataset.pickers });
    toolkit.then(() => fields.forEach((field) => { if (!field.tomselect) startPicker(field); }), () => {});
  }

  /* An address may lean on another field: data-with="organization" adds ?organization=<its value>. */
  function searchAddress(field, words) {
    const url = new URL(field.dataset.url, location.href);
    url.searchParams.set("q", words);
    (field.dataset.with || "").split(" ").filter(Boolean).forEach((name) => {
      const other = field.form && field.form.elements[name];
      if (other && other.value) url.searchParams.set(name, other.value);
    });
    return url;
  }

  function clearButton(facts) {
    return '<button type="button" class="clear-button" aria-label="' + facts.title + '">×</button>';
  }

  function startPicker(field) {
    const names = field.dataset.picker === "names";
    const wire = (row) => {
      if (names) return row.text;
      return field.tagName === "INPUT" ? row.text + " #" + row.value : String(row.value);
    };
    const settings = {
      create: names,
      createOnBlur: names,
      persist: !names,
      delimiter: names ? "、" : ",",
      maxItems: names || field.multiple ? null : 1,
      maxOptions: 50,
      valueField: "value",
      labelField: "text",
      searchField: ["text", "hint"],
      placeholder: field.dataset.placeholder || field.getAttribute("placeholder") || "输入名称搜索",
      hidePlaceholder: true,
      hideSelected: true,
      selectOnTab: true,
      clearAfterSelect: true, // what was typed has become a name: the next begins in an empty box
      loadThrottle: 250,
      render: {
        option: (item, escape) =>
          "<div>" + escape(item.text) + (item.hint ? "<small>" + escape(item.hint) + "</small>" : "") + "</div>",
        option_create: (item, escape) =>
          '<div class="create">填入“<strong>' + escape(item.input) + "</strong>”</div>",
        no_results: names ? null : () => '<div class="no-results">没有找到。</div>',
        loading: () => '<div class="picker-wait">正在查找…</div>',
      },
    };
    if (field.tagName === "INPUT" && !names) {
      const written = field.value.trim();
      settings.delimiter = "\n";
      settings.options = written ? [{ value: written, text: labelOf(written) }] : [];
      settings.items = written ? [written] : [];
    }
    if (names) {
      settings.splitOn = /[、,，;；\s]+/;
      settings.options = field.value.split("、").filter(Boolean).map((one) => ({ value: one, text: one }));
    }
    if (field.dataset.url) {
      settings.load = (words, done) => {
        fetch(searchAddress(field, words), { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then((answer) => (answer.ok ? answer.json() : []))
          .then((rows) => {
            // An answer to other words than now stand in the box came too late to offer anything.
            const now = box.inputValue() === words ? rows : [];
            done(now.map((row) => ({ value: wire(row), text: row.text, hint: row.hint })));
          })
          .catch(() => done());
      };
      settings.shouldLoad = () => true;
      settings.preload = "focus";
      settings.score = () => () => 1; // the server has searched, also by pinyin: show what it found
    }
    if (names || field.multiple) {
      settings.plugins = { remove_button: { title: "去掉", label: "×" } };
    }
    if (!names && !field.multiple && !field.required) {
      settings.plugins = { clear_button: { title: "清除", html: clearButton } };
    }
    const box = new window.TomSelect(field, settings);
    field.setAttribute("aria-hidden", "true"); // its label now belongs to the box one types in
    chooseOnlyWhatIsMeant(box);
    if (field.dataset.url) {
      // Offers for other words are gone at once, so that Enter cannot take one of them.
      box.on("type", () => { box.clearOptions(); box.refreshOptions(box.isFocused); });
      box.on("item_add", () => { box.clearOptions(); if (box.isFocused) box.load(""); });
    }
    if (names) {
      box.on("type", (typed) => { // 张三、 becomes a name as soon as the mark is typed
        const parts = typed.split(/[、,，;；]/);
        if (parts.length < 2) return;
        const last = parts.pop();
        parts.map((one) => one.trim()).filter(Boolean).forEach((one) => box.createItem(one));
        box.setTextboxValue(last.trim());
      });
    }
    (field.dataset.with || "").split(" ").filter(Boolean).forEach((name) => {
      const other = field.form && field.form.elements[name];
      if (other && other.addEventListener) other.addEventListener("change", () => { box.clearOptions(); box.loadedSearches = {}; });
    });
  }

  /* The list stands open with its first row lit before anything was typed: Enter or Tab take a row
     only after words or an arrow; else somebody who only passes would name a stranger. */
  function chooseOnlyWhatIsMeant(box) {
    let moved = false;
    const rest = () => { moved = false; };
    ["type", "item_add", "blur", "focus"].forEach((event) => box.on(event, rest));
    box.wrapper.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") moved = true;
      if (moved || box.inputValue() || !["Enter", "Tab"].includes(event.key)) return;
      event.stopPropagation();
      if (event.key === "Enter") event.preventDefault(); // it would send the form
    }, true);
    // Whom there is stands first; what was typed, as it is, below them.
    box.hook("after", "refreshOptions", () => {
      const typed = box.dropdown_content.querySelector(".create");
      if (typed && typed.nextElementSibling) box.dropdown_content.append(typed);
    });
  }

  /* ---- rows of a form -------------------------------------------------------------------------- */

  /* With this script a button takes a row away; without it, the box 删除 does. */
  function dress(row) {
    const remove = row.querySelector("[data-formset-remove]");
    const mark = row.querySelector('input[name$="-DELETE"]');
    if (!remove) return;
    remove.hidden = false;
    if (mark) (mark.closest("[data-formset-delete], .mb-3") || mark.parentElement).hidden = true;
    if (mark && mark.checked) row.hidden = true;
  }

  function startFormsets(within) {
    all("[data-formset]", within).forEach((set) => {
      const prefix = set.dataset.formset;
      const total = set.querySelector('[name="' + prefix + '-TOTAL_FORMS"]');
      const rows = set.querySelector("[data-formset-rows]");
      const template = set.querySelector("template[data-formset-empty]");
      const add = set.querySelector("[data-formset-add]");
      if (!total || !rows) return;
      if (add && template) {
        add.hidden = false;
        add.addEventListener("click", () => {
          const holder = document.createElement("template");
          holder.innerHTML = template.innerHTML.replace(/__prefix__/g, total.value);
          const row = holder.content.firstElementChild;
          rows.append(holder.content);
          total.value = Number(total.value) + 1;
          dress(row);
          count(set);
          startPickers(row);
          const first = row.querySelector("input:not([type=hidden]), select, textarea");
          if (first) first.focus();
        });
      }
      all("[data-formset-row]", rows).forEach(dress);
      set.addEventListener("click", (event) => {
        const remove = event.target.closest("[data-formset-remove]");
        if (!remove) return;
        const row = remove.closest("[data-formset-row]");
        const mark = row.querySelector('input[name$="-DELETE"]');
        if (mark) {
          mark.checked = true;
          row.hidden = true;
        } else {
          row.remove(); // a gap in the numbers is an empty form to Django
        }
        dirty = true;
        count(set);
        if (add) add.focus();
      });
      count(set);
    });
  }

  function count(set) {
    all("[data-formset-row]", set).filter((row) => !row.hidden).forEach((row, index) => {
      const number = row.querySelector("[data-formset-number]");
      if (number) number.textContent = String(index + 1);
    });
  }

  /* ---- many rows at once ----------------------------------------------------------------------- */

  function startBulk() {
    all("[data-bulk]").forEach((bar) => {
      const form = bar.closest("form") || document;
      const name = bar.dataset.bulk;
      // A box may stand outside its form, in the cells of a table, and name it.
      const own = (box) => form === document || box.form === form;
      const heads = all('[data-check-all="' + name + '"]').filter(own);
      const boxes = () => all('input[type=checkbox][name="' + name + '"]').filter((box) => own(box) && !box.disabled);
      const show = () => {
        const chosen = boxes().filter((box) => box.checked).length;
        all("[data-bulk-count]", bar).forEach((one) => { one.textContent = String(chosen); });
        all("button:not([type=button]), input[type=submit]", bar).forEach((one) => { one.disabled = chosen === 0; });
        heads.forEach((head) => {
          head.checked = chosen > 0 && chosen === boxes().length;
          head.indeterminate = chosen > 0 && chosen < boxes().length;
        });
      };
      heads.forEach((head) => {
        head.hidden = false;
        head.addEventListener("change", () => {
          boxes().forEach((box) => { box.checked = head.checked; });
          show();
        });
      });
      document.addEventListener("change", (event) => { if (event.target.name === name) show(); });
      window.addEventListener("pageshow", show);
      show();
    });
  }

  /* ---- small things ------------------------------------------------------------------------------ */

  function startMenu() {
    const open = document.querySelector("[data-menu-open]");
    const side = document.getElementById("menu");
    if (!open || !side) return;
    const set = (isOpen) => {
      side.classList.toggle("is-open", isOpen);
      open.setAttribute("aria-expanded", String(isOpen));
      (isOpen ? side.querySelector("a") : open).focus();
    };
    open.setAttribute("role", "button");
    open.setAttribute("aria-expanded", "false");
    open.addEventListener("click", (event) => { event.preventDefault(); set(true); });
    open.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); set(true); } });
    all("[data-menu-close]", side).forEach((one) => one.addEventListener("click", (event) => {
      event.preventDefault();
      set(false);
    }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && side.classList.contains("is-open")) set(false);
    });
    document.addEventListener("click", (event) => {
      if (side.classList.contains("is-open") && !side.contains(event.target) && !open.contains(event.target)) {
        side.classList.remove("is-open");
        open.setAttribute("aria-expanded", "false");
      }
    });
  }

  function startDrops() {
    document.addEventListener("click", (event) => {
      all("details.drop[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      all("details.drop[open]").forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
    });
  }

  /* Sentences of the ledger that are not in the text yet: put at its end by a click. */
  document.addEventListener("click", (event) => {
    const append = event.target.closest ? event.target.closest("[data-append]") : null;
    if (!append) return;
    const field = document.querySelector(append.dataset.append);
    const before = field.value.replace(/\s+$/, "");
    field.value = before ? before + "\n" + append.dataset.text : append.dataset.text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    append.textContent = "已加入";
    append.disabled = true;
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest ? event.target.closest("[data-copy]") : null;
    if (!copy) return;
    const from = copy.dataset.copy ? document.querySelector(copy.dataset.copy) : null;
    const text = copy.dataset.copyText || (from ? from.value || from.textContent.trim() : "");
    const told = () => {
      const before = copy.textContent;
      copy.textContent = "已复制";
      setTimeout(() => { copy.textContent = before; }, 1500);
    };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(told, () => {});
      return;
    }
    const area = make("textarea"); // plain http on a closed network has no clipboard
    area.value = text;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) told();
    area.remove();
    copy.focus();
  });

  /* A form that sends itself when something in it changes: filters. */
  function startSelfSending() {
    all("form[data-send-on-change]").forEach((form) => {
      form.addEventListener("change", () => form.requestSubmit());
    });
  }

  /* What belongs to one choice only: data-shown-for="kind=file|note" on what is shown for it. */
  function startShownFor() {
    all("form").forEach((form) => {
      const parts = all("[data-shown-for]", form);
      if (!parts.length) return;
      const show = () => parts.forEach((part) => {
        const [name, values] = part.dataset.shownFor.split("=");
        const chosen = all('[name="' + name + '"]', form)
          .filter((box) => (box.type !== "radio" && box.type !== "checkbox") || box.checked)
          .map((box) => box.value);
        part.hidden = !values.split("|").some((value) => chosen.includes(value));
      });
      form.addEventListener("change", show);
      window.addEventListener("pageshow", show); // the browser may bring a choice back
      show();
    });
  }

  /* On a phone the chips are one long line: the one that is chosen stands in it where it is seen. */
  function showChosenChip() {
    all(".chips [aria-current]").forEach((chip) => {
      const line = chip.closest(".chips");
      line.scrollLeft += chip.getBoundingClientRect().left - line.getBoundingClientRect().left - 16;
    });
  }

  /* Taking what stands in the row now dims one's own text. */
  function startConflict() {
    all(".clash").forEach((clash) => {
      const theirs = clash.querySelector("[data-theirs]");
      if (!theirs) return;
      const show = () => clash.classList.toggle("is-theirs", theirs.checked);
      theirs.addEventListener("change", show);
      show();
    });
  }

  function start() {
    keepDrafts();
    startPickers();
    startFormsets();
    startBulk();
    startMenu();
    startDrops();
    all("[data-copy][hidden], [data-append][hidden]").forEach((one) => { one.hidden = false; });
    startSelfSending();
    startConflict();
    showChosenChip();
    startShownFor();
    all("[data-js]").forEach((one) => { one.hidden = false; });
    const faults = document.querySelector("[data-faults]");
    if (faults) faults.focus();
    document.body.addEventListener("htmx:load", (event) => {
      if (event.target === document.body) return;
      startPickers(event.target);
      startFormsets(event.target);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
