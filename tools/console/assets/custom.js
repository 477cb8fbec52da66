// What CloudWatch makes of <cwdb-action> in a custom widget: the element before it acts, after a question if it asks one.
// The HTML was filtered by the server, and is again when it comes from there.
function dress() {
  for (const action of document.querySelectorAll("[data-custom] cwdb-action:not([data-dressed])")) {
    action.dataset.dressed = "yes";
    const actor = action.previousElementSibling;
    if (!actor) continue;
    const event = ["click", "dblclick", "mouseenter"].includes(action.getAttribute("event")) ? action.getAttribute("event") : "click";
    // A link without an address has no place in the order of the keyboard.
    if (!actor.matches("a[href], button, input, select, textarea, summary")) {
      actor.tabIndex = 0;
      actor.setAttribute("role", "button");
      actor.addEventListener("keydown", (pressed) => {
        if (pressed.key === "Enter" || pressed.key === " ") act(pressed, action);
      });
    }
    actor.addEventListener(event, (happened) => act(happened, action));
  }
  for (const form of document.querySelectorAll("[data-custom] form:not([method]):not([data-dressed])")) {
    form.dataset.dressed = "yes";
    // Enter in a field is a click on the widget's first main button.
    form.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      form.closest("[data-custom]").querySelector(".btn-primary")?.click();
    });
  }
}

async function act(happened, action) {
  happened.preventDefault();
  const widget = action.closest("[data-custom]");
  const question = action.getAttribute("confirmation");
  if (!widget || (question && !(await confirmed(question)))) return;
  if (action.getAttribute("action") !== "call") return show(widget, action, [...action.childNodes].map((node) => node.cloneNode(true)));
  const fields = Object.fromEntries([...widget.querySelectorAll("input[name], select[name], textarea[name]")]
    .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
    .map((field) => [field.name, field.value]));
  const form = new URLSearchParams({
    token: document.body.dataset.token,
    widget: widget.dataset.custom,
    endpoint: action.getAttribute("endpoint") ?? "",
    parameters: action.textContent.trim() || "{}",
    forms: JSON.stringify(fields),
  });
  widget.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(widget.dataset.action, { method: "POST", body: form });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.getElementById("custom-answer") ?? page.querySelector("main [role=alert], main p");
    show(widget, action, said ? [...document.importNode(said, true).childNodes] : ["The console did not answer."]);
  } catch {
    show(widget, action, ["The console did not answer: is it running?"]);
  }
  widget.removeAttribute("aria-busy");
}

function show(widget, action, nodes) {
  const popup = action.getAttribute("display") === "popup";
  const place = popup ? dialog(widget) : widget.querySelector(".custom");
  place.replaceChildren(...nodes);
  dress();
}

// One for all answers: a link in it shows its own answer there.
function dialog(widget) {
  let window = document.getElementById("custom-window");
  if (!window) {
    window = document.createElement("dialog");
    window.id = "custom-window";
    window.className = "answer";
    window.innerHTML = '<div class="custom" tabindex="0"></div><form method="dialog"><button>Close</button></form>';
    document.body.append(window);
  }
  window.dataset.custom = widget.dataset.custom;
  window.dataset.action = widget.dataset.action;
  if (!window.open) window.showModal();
  return window.querySelector(".custom");
}

function confirmed(question) {
  const window = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = question;
  window.innerHTML = '<form method="dialog" class="row end"><button value="">Cancel</button><button value="yes" class="primary">Confirm</button></form>';
  window.id = "custom-question";
  window.prepend(text);
  document.body.append(window);
  window.showModal();
  return new Promise((resolve) =>
    window.addEventListener("close", () => {
      resolve(window.returnValue === "yes");
      window.remove();
    }),
  );
}

export function custom() {
  dress();
  document.addEventListener("refreshed", dress);
}
