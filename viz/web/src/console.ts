/** Every page: htmx, the keyboard, tables, navigation. Pages can be read without it. */
import "htmx.org/dist/htmx.esm.js";
import { actionOf, moved, type Action } from "./keys.ts";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

function rows(): HTMLTableRowElement[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("table[data-keys] tbody tr[data-href]")];
}

function moveTo(action: Action): boolean {
  const all = rows();
  const current = all.findIndex((row) => row.classList.contains("current"));
  const next = moved(action, current, all.length);
  const row = all[next];
  if (!row) return false;
  for (const other of all) other.classList.toggle("current", other === row);
  row.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function openCurrent(): boolean {
  const href = document.querySelector<HTMLElement>("tr.current[data-href]")?.dataset["href"];
  if (!href) return false;
  location.assign(href);
  return true;
}

function onKey(event: KeyboardEvent): void {
  const action = actionOf({
    key: event.key,
    isTyping: isTyping(event.target),
    hasModifier: event.ctrlKey || event.metaKey || event.altKey,
  });
  if (!action) return;
  if (action === "leave") {
    (event.target as HTMLElement).blur();
    closeSuggestions();
    return;
  }
  if (action === "open") {
    // A focused link or button does its own work.
    if (event.target instanceof HTMLElement && event.target.closest("a,button,summary")) return;
    if (openCurrent()) event.preventDefault();
    return;
  }
  if (action === "search") {
    const field = document.querySelector<HTMLInputElement>("#search-text");
    field?.focus();
    field?.select();
    event.preventDefault();
    return;
  }
  if (moveTo(action)) event.preventDefault();
}

function closeSuggestions(): void {
  document.querySelector("#suggestions")?.replaceChildren();
}

/** A click anywhere in a row opens it, unless text is being marked or a control was meant. */
function onClick(event: MouseEvent): void {
  if (!(event.target instanceof HTMLElement)) return;
  if (!event.target.closest(".search")) closeSuggestions();
  if (event.target.closest("a,button,input,label,summary,select")) return;
  const row = event.target.closest<HTMLElement>("tr[data-href]");
  if (!row?.dataset["href"] || String(getSelection() ?? "")) return;
  location.assign(row.dataset["href"]);
}

function fold(): void {
  const button = document.querySelector<HTMLButtonElement>("#fold");
  const set = (isFolded: boolean): void => {
    document.documentElement.classList.toggle("folded", isFolded);
    button?.setAttribute("aria-expanded", String(!isFolded));
  };
  set(localStorage.getItem("folded") === "1");
  button?.addEventListener("click", () => {
    const isFolded = !document.documentElement.classList.contains("folded");
    localStorage.setItem("folded", isFolded ? "1" : "0");
    set(isFolded);
  });
}

/** The clock of the header, in Shanghai time; the server's text stands until the first tick. */
function clock(): void {
  const place = document.querySelector<HTMLTimeElement>("#clock");
  if (!place) return;
  const form = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const tick = (): void => {
    const part = Object.fromEntries(form.formatToParts(new Date()).map((p) => [p.type, p.value]));
    place.textContent = `${part["year"]}-${part["month"]}-${part["day"]} ${part["hour"]}:${part["minute"]}`;
  };
  tick();
  setInterval(tick, 10_000);
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset["submit"] !== undefined) {
    field.form?.requestSubmit();
  }
});
fold();
clock();
