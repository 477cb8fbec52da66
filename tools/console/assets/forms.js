// Copy buttons, sliders that try a threshold while they move, and buttons that say that they work.
function dress() {
  for (const button of document.querySelectorAll("button.copy[hidden]")) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1200);
    });
  }
  for (const slider of document.querySelectorAll("input[type=range][data-for]:not([data-dressed])")) {
    slider.dataset.dressed = "yes";
    const number = document.getElementById(slider.dataset.for);
    let waiting;
    slider.addEventListener("input", () => {
      number.value = slider.value;
      clearTimeout(waiting);
      waiting = setTimeout(() => tried(slider), 120);
    });
    number.addEventListener("change", () => (slider.value = number.value));
  }
}

async function tried(slider) {
  const address = new URL(location.href);
  address.searchParams.set("threshold", slider.value);
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of (slider.dataset.shows ?? "").split(" ")) {
    const next = fresh.getElementById(id);
    if (next) document.getElementById(id)?.replaceWith(document.importNode(next, true));
  }
  history.replaceState(null, "", address);
}

export function forms() {
  dress();
  document.addEventListener("refreshed", dress);
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button:not(.copy)");
    if (event.target.method === "post" && button) {
      // After the form has been read: a disabled button would not be in it.
      setTimeout(() => {
        button.disabled = true;
        button.classList.add("working");
      });
    }
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button.working")) {
      button.disabled = false;
      button.classList.remove("working");
    }
  });
}
