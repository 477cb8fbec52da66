// The server says that something has changed; the parts of the page that show it are fetched anew and put in place.
let wanted = new Set();
let fetching = false;

// The keyboard stays where it was: few buttons have an id, so the same label in the same place, or else anywhere, is the same button.
function keptFocus(part) {
  const reachable = () => [...(document.getElementById(part.id)?.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]") ?? [])];
  const place = reachable().indexOf(document.activeElement);
  if (place < 0) return () => {};
  const { id, textContent } = document.activeElement;
  return () => {
    const now = reachable();
    const same = (one) => (id ? one?.id === id : one?.textContent === textContent);
    (same(now[place]) ? now[place] : now.find(same))?.focus();
  };
}

async function refresh() {
  if (fetching || wanted.size === 0 || document.hidden) return;
  fetching = true;
  const events = wanted;
  wanted = new Set();
  try {
    // Custom widgets are not asked again: somebody may be reading in them.
    const address = new URL(location.href);
    address.searchParams.set("live", "1");
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const own = part.dataset.live.split(" ");
        const next = part.id && fresh.getElementById(part.id);
        const concerned = events.has("all") || own.some((event) => events.has(event));
        // Where somebody types or has opened something, nothing is taken from under the hand.
        const busy = part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
        if (next && concerned && !busy && part.innerHTML !== next.innerHTML) {
          const focus = keptFocus(part);
          const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
          if (!widgets(part, next)) part.replaceWith(document.importNode(next, true));
          for (const id of open) document.getElementById(id)?.setAttribute("open", "");
          focus();
        }
      }
      document.dispatchEvent(new Event("refreshed"));
    }
  } catch {
    // The stream says when the server is back.
  }
  fetching = false;
  if (wanted.size > 0) setTimeout(refresh, 250);
}

// A dashboard's widgets are put in place one by one: what has not changed keeps where it was scrolled to, and custom widgets what they show.
function widgets(part, next) {
  const [own, fresh] = [part, next].map((one) => [...one.querySelectorAll(":scope > .grid > section[id]")]);
  if (own.length === 0 || own.map((one) => one.id).join() !== fresh.map((one) => one.id).join()) return false;
  own.forEach((one, at) => {
    if (!("custom" in one.dataset) && one.outerHTML !== fresh[at].outerHTML) one.replaceWith(document.importNode(fresh[at], true));
  });
  return true;
}

export function follow() {
  const sign = document.getElementById("live");
  if (!sign) return;
  const say = (text, ok) => {
    sign.hidden = false;
    sign.textContent = text;
    sign.classList.toggle("off", !ok);
  };
  const source = new EventSource("/events");
  source.addEventListener("hello", (event) => {
    // Another start has another token in its forms.
    if (event.data !== document.body.dataset.start) return location.reload();
    say("● live", true);
    wanted.add("all");
    refresh();
  });
  source.addEventListener("error", () => say("○ reconnecting", false));
  source.addEventListener("down", () => say("○ the stack is down", false));
  for (const name of ["alarm", "order", "metric", "all"]) {
    source.addEventListener(name, () => {
      say("● live", true);
      wanted.add(name);
      refresh();
    });
  }
  document.addEventListener("visibilitychange", refresh);
}
