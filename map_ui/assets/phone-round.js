// A round as the page shows it: read from the server's document, held against the one before, with what was told of it.
"use strict";
gridwarden.phoneRound = (function () {
  const TASKS = new Set(["stop", "lane"]);

  // What changed since the edition that was seen: codes that are new, tasks that are gone. Another day is another round.
  function news(before, after) {
    if (!before || after.day !== before.day) return { added: [], removed: [] };
    const told = before.news || { added: [], removed: [] };
    const had = new Set(tasks(before).map((step) => step.id)), has = new Set(tasks(after).map((step) => step.id));
    const back = new Set(told.removed.map((step) => step.id));
    const gone = tasks(before).filter((step) => !has.has(step.id));
    return {
      added: [...told.added.filter((id) => has.has(id)), ...[...has].filter((id) => !had.has(id) && !back.has(id) && !told.added.includes(id))],
      removed: [...told.removed.filter((step) => !has.has(step.id)), ...gone],
    };
  }

  // All of a day's plans in one, in order of time.
  function read(said) {
    const steps = said.plans.flatMap((plan) => plan.steps.map((step, nth) => {
      const before = plan.steps.slice(0, nth).reverse().find((one) => one.at), own = plan.marks.filter((mark) => mark.code === step.code);
      return {
        ...step, plan: plan.number, id: `${plan.number} ${step.code}`, task: step.task || "other", name: step.name || step.code,
        from: before ? before.to || before.at : null, told: own.map((mark) => mark.event),
      };
    })).sort((one, other) => one.arrive_s - other.arrive_s);
    return { day: said.day, edition: said.plans.map((plan) => plan.edition).join(", "), steps };
  }

  const tasks = (round) => (round ? round.steps.filter((step) => TASKS.has(step.kind)) : []);

  // The newest of what was told of a task decides; what was refused was not told.
  function state(step, marks) {
    const own = marks.filter((mark) => mark.id === step.id && mark.state !== "refused");
    const ends = own.filter((mark) => mark.event !== "arrived");
    if (ends.length) return ends[ends.length - 1].event;
    // What another phone told counts as well.
    const there = step.told.filter((event) => event !== "arrived");
    return there.length ? there[there.length - 1] : own.length || step.told.length ? "arrived" : "";
  }

  const settled = (step, marks) => ["done", "skipped"].includes(state(step, marks));

  return { news, read, tasks, state, settled };
})();
