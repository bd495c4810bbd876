// A city in which everything that a page can show is there once: every letter, every tier, silence, a fall, a rise,
// frozen, corrected and open periods, all three indices, profiles and channels. The same on every day but for its dates.

const DAY_MS = 86_400_000;
const FILES = "examples/kota";
const SKM = ["persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan"];
const IPKP = ["informasi", "persyaratan", "prosedur", "waktu", "tarif", "sarana", "respon", "konsultasi"];
const IPAK = ["diskriminasi", "kecurangan", "imbalan", "pungli", "percaloan"];
const CHANNELS = ["qr", "qr", "link", "kiosk", "wa", "paper_entry", "interview"];
const PEOPLE = {
  jenis_kelamin: ["L", "P"],
  usia: ["<20", "20-29", "30-39", "40-49", ">=50"],
  pendidikan: ["SD", "SMP", "SMA", "D1-D3", "S1", "S2"],
  pekerjaan: ["PNS", "swasta", "wirausaha", "pelajar", "petani", "IRT", "pensiunan"],
};
/** What is special about some units: (part of the city's usual mood in this period, in the last one, how many answers). */
const SPECIAL = {
  "mal-pelayanan-publik": { now: 0.96, before: 0.9, many: 900, all: true },
  "dinas-dukcapil": { now: 0.55, before: 0.85, many: 400, all: true },
  "rsud-kota": { now: 0.72, before: 0.7, many: 700, all: true },
  "dinas-kesehatan": { now: 0.3, before: 0.34, many: 120 },
  "dinas-pupr": { now: 0.84, before: 0.55, many: 160 },
  "dinas-pendidikan": { now: 0.8, before: 0.8, many: 200, silentDays: 12 },
  inspektorat: { now: 0.8, before: 0.8, many: 6 },
  "sekretariat-dprd": { now: 0.75, before: 0.75, many: 22 },
  "sekretariat-daerah": { now: 2, before: 2, many: 60 },
  "dinas-sosial": { now: 0.8, before: 0.8, many: 0 },
};
/** Units whose last period nobody has closed. */
const OPEN = new Set(["dinas-pupr"]);

/** Beside the special ones so many units have closed it: a closing is checked in full, and that takes its time. */
const CLOSED_EACH = 5;

/** Random numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = (roll, list) => list[Math.floor(roll() * list.length)];
const score = (roll, mood, most) => Math.max(1, Math.min(most, Math.ceil((mood + (roll() - 0.5) * 0.75) * most)));

function answers(roll, mood, all) {
  const given = {};
  SKM.forEach((item, at) => (given[item] = score(roll, mood + 0.12 - (at % 5) * 0.05, 4)));
  if (all) {
    for (const item of IPKP) given[`ipkp.${item}`] = score(roll, mood + 0.08, 6);
    for (const item of IPAK) given[`ipak.${item}`] = score(roll, mood + 0.15, 6);
  }
  return given;
}

function response(roll, unit, ms, mood, all) {
  const respondent = Object.fromEntries(Object.entries(PEOPLE).map(([question, known]) => [question, pick(roll, known)]));
  return {
    unit: unit.unit,
    id: `w-${unit.unit}-${ms}-${Math.floor(roll() * 1e9)}`,
    submitted_at: new Date(ms).toISOString(),
    questionnaire: all ? "lengkap" : "skm",
    ...(unit.services?.length && { service: pick(roll, unit.services).code }),
    channel: pick(roll, CHANNELS),
    respondent: roll() < 0.8 ? respondent : {},
    answers: answers(roll, mood, all),
  };
}

/** Half of a unit's answers in this half-year, a third in the one before, the rest in the one before that. */
function ofUnit(unit, at, now, halves) {
  const roll = dice(at + 1);
  const usual = 0.62 + 0.3 * roll();
  const { now: mood, before, many, all, silentDays } = {
    now: usual, before: usual + 0.08 * (roll() - 0.5), many: 40 + Math.floor(120 * roll()), all: at % 9 === 0, silentDays: 0,
    ...SPECIAL[unit.unit],
  };
  const end = now - (silentDays ?? 0) * DAY_MS - 60_000;
  const spans = [[halves[2], end, mood, 0.5], [halves[1], halves[2], before, 0.35], [halves[0], halves[1], before - 0.04, 0.15]];
  return spans.flatMap(([from, to, moodThen, share]) => {
    const late = to - Math.min(to - from, 30 * DAY_MS);
    return Array.from({ length: Math.round(many * share) }, (_, nth) => {
      const start = to === end && nth % 2 ? late : from;
      return response(roll, unit, Math.floor(start + roll() * (to - start)), moodThen, all);
    });
  });
}

const EAST_MS = 8 * 3_600_000;
const MONTHS = { bulanan: 1, triwulan: 3, semester: 6, tahun: 12 };
const CODES = {
  bulanan: (year, month) => `${year}-${String(month + 1).padStart(2, "0")}`,
  triwulan: (year, month) => `${year}-TW${month / 3 + 1}`,
  semester: (year, month) => `${year}-S${month / 6 + 1}`,
  tahun: (year) => `${year}`,
};

/** The period of a kind that lies so many before the present one: its code and first instant in Makassar. */
function period(kind, back) {
  const local = new Date(Date.now() + EAST_MS);
  const long = MONTHS[kind];
  const first = Math.floor((local.getUTCFullYear() * 12 + local.getUTCMonth()) / long) * long - back * long;
  const [year, month] = [Math.floor(first / 12), first % 12];
  return { code: CODES[kind](year, month), ms: Date.UTC(year, month, 1) - EAST_MS };
}

/** The code of the period that the units of the checks have closed last. */
export const frozenPeriod = () => period("semester", 1).code;

/** Registers the example city, answers for it, and closes its past periods. */
export async function fill(system) {
  system.register(FILES);
  const units = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await system.call("GET", `/v1/units?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    units.push(...page.items);
    cursor = page.next;
  }
  const now = Date.now();
  const halves = [2, 1, 0].map((back) => period("semester", back).ms);
  const known = units.filter(({ unit }) => unit !== "pemkot");
  await system.answer(known.flatMap((unit, at) => ofUnit(unit, at, now, halves)));
  for (const [at, { unit, period: kind }] of units.entries()) {
    if (OPEN.has(unit) || (at % CLOSED_EACH && !(unit in SPECIAL))) continue;
    if (unit in SPECIAL) await system.call("POST", `/v1/units/${unit}/periods/${period(kind, 2).code}/close`);
    await system.call("POST", `/v1/units/${unit}/periods/${period(kind, 1).code}/close`);
  }
  await system.answer([response(dice(9), { unit: "dinas-dukcapil" }, halves[1] + DAY_MS, 0.2, false)]);
}
