// The reader's language: words from words.<language>.json, numbers, days and times as it writes them.

const LANGUAGES = { en: "English", ru: "Русский" };

let words = {};
let language = "en";
let states = new Map();

export const languages = () => Object.entries(LANGUAGES);
export const current = () => language;

/** Take the chosen language, else the browser's first that there is. */
export async function speak(chosen) {
  const wanted = [chosen, ...navigator.languages.map((name) => name.slice(0, 2))];
  language = wanted.find((name) => name in LANGUAGES) ?? "en";
  words = await (await fetch(`/page/words.${language}.json`)).json();
  document.documentElement.lang = language;
}

/** The words of this name, with `{gaps}` filled; forms by number where `n` is given. */
export function say(name, gaps = {}) {
  let text = words[name];
  if (text === undefined) return name;
  if (typeof text === "object") text = text[new Intl.PluralRules(language).select(gaps.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, gap) => (gap === "n" ? number(gaps.n) : (gaps[gap] ?? "")));
}

/** Whether there are words of this name. */
export const knows = (name) => name in words;

/** A number, or a dash for none. */
export function number(value, digits = 0) {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A number with its sign. */
export function signed(value, digits = 1) {
  if (value === null || value === undefined) return "–";
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" };
  return value.toLocaleString(language, options);
}

/** A day, month or year as an event has it: of the calendar, so in no time zone. */
export function day(text) {
  if (!text) return say("no day");
  const [year, month, date] = text.split("-");
  const options = { year: "numeric", month: month && "short", day: date && "numeric", timeZone: "UTC" };
  return new Date(Date.UTC(year, (month ?? 1) - 1, date ?? 1)).toLocaleDateString(language, options);
}

/** A moment in the reader's own zone. */
export function moment(text) {
  if (!text) return "–";
  return new Date(text).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

/** Know these states by name. */
export function learn(items) {
  states = new Map(items.map((item) => [item.code, item]));
}

/** A state's name; its code where none is known. */
export function state(code) {
  const known = states.get(code);
  return known ? (language === "ru" ? known.name_ru : known.name) : code;
}

/** Whether a state is known by name. */
export const named = (code) => states.has(code);

/** All states, by name. */
export function allStates() {
  return [...states.keys()].sort((a, b) => state(a).localeCompare(state(b), language));
}

/** Two states' names. */
export const dyad = (code) => code.split("-").map(state).join(" – ");
