/* Several tickets at once: which are selected, how they are sent, and what is said about it. */
import assert from "node:assert/strict";
import test from "node:test";

import { between, parts } from "../../static/js/bulk/ranges.js";
import { Running } from "../../static/js/bulk/running.js";
import { Selection } from "../../static/js/bulk/selection.js";
import { brokenOff, moreWords, progress, Tally, told } from "../../static/js/bulk/tally.js";
import { Failure } from "../../static/js/page/http.js";
import { departed } from "../../static/js/queue/planning.js";

const selected = ({ ids }) => [...ids].sort((one, two) => one - two);

function of(rows, ids = [], how = {}) {
  const selection = new Selection();
  selection.follow("open", rows, how);
  selection.add(ids);
  return selection;
}

test("a range goes both ways and includes both ends", () => {
  assert.deepEqual(between([4, 2, 9, 7], 2, 7), [2, 9, 7]);
  assert.deepEqual(between([4, 2, 9, 7], 9, 4), [4, 2, 9]);
});

test("without a row to begin at, a range is one row", () => {
  assert.deepEqual(between([4, 2, 9], null, 9), [9]);
  assert.deepEqual(between([4, 2, 9], 5, 9), [9]);
});

test("a row that was pushed out at the end has not left the list; one that left it, also at the end, has", () => {
  const more = { more: true };
  assert.deepEqual(departed([1, 2, 3, 4], [9, 1, 2, 3], more), []);
  assert.deepEqual(departed([1, 2, 3, 4], [1, 3, 4, 5], more), [2]);
  assert.deepEqual(departed([1, 2, 3, 4], [9, 1, 3, 5], more), [2]); // 4 was pushed out
  assert.deepEqual(departed([1, 2, 3, 4], [1, 2, 3, 5], more), [4]);
  assert.deepEqual(departed([1, 2], [5, 6], more), [1, 2]);
  assert.deepEqual(departed([1, 2, 3, 4], [9, 1, 2, 3]), [4]);
});

test("parts hold everything once, in order", () => {
  assert.deepEqual(parts([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(parts([], 2), []);
});

test("a row is toggled, a range is selected or deselected as the row that was clicked", () => {
  const selection = of([1, 2, 3, 4, 5]);
  selection.toggle(2);
  selection.toggle(4, { on: true, range: true });
  assert.deepEqual(selected(selection), [2, 3, 4]);
  selection.toggle(3, { on: false, range: true }); // from 4, which was toggled last
  assert.deepEqual(selected(selection), [2]);
  selection.toggle(2);
  assert.equal(selection.size, 0);
});

test("another list has no selection, the same one keeps it", () => {
  const selection = of([1, 2, 3], [1, 3]);
  selection.follow("open", [3, 1, 2, 8]);
  assert.deepEqual(selected(selection), [1, 3]);
  selection.follow("mine", [3, 1, 2]);
  assert.equal(selection.size, 0);
});

test("what is no longer selected because it left is told", () => {
  const selection = of([1, 2, 3], [1, 3]);
  assert.deepEqual(selection.follow("open", [1, 2]), [3]);
  assert.deepEqual(selection.follow("mine", [1, 2]), [1]);
});

test("the last loaded row that leaves a list that goes on is deselected, one that new rows push out is not", () => {
  const selection = of([1, 2, 3], [3], { more: true });
  selection.follow("open", [9, 1, 2], { more: true });
  assert.deepEqual(selected(selection), [3]);
  selection.follow("open", [9, 1, 3], { more: true });
  selection.follow("open", [9, 1, 4], { more: true });
  assert.deepEqual(selected(selection), []);
});

test("a range leaves out the rows that are only still shown", () => {
  const selection = of([1, 2, 3, 4], [], { left: [2] });
  selection.toggle(1);
  selection.toggle(4, { on: true, range: true });
  assert.deepEqual(selected(selection), [1, 3, 4]);
});

test("a row that leaves the list is deselected, a ticket that never had a row is not", () => {
  const selection = of([1, 2, 3], [1, 3, 77]);
  selection.follow("open", [2, 3]);
  assert.deepEqual(selected(selection), [3, 77]);
});

test("rows that are only still shown are not part of the whole", () => {
  const selection = of([1, 2, 3], [1, 3], { left: [2] });
  assert.ok(selection.whole);
  assert.deepEqual(selection.loaded, [1, 3]);
  assert.ok(!of([1, 2], [1]).whole);
  assert.ok(!of([]).whole);
});

test("the button selects the loaded rows, then all, then nothing", () => {
  const words = (ids, more, all) => {
    const selection = of([1, 2], ids);
    return moreWords({ whole: selection.whole, more, has: (id) => selection.has(id) }, all);
  };
  const all = { ids: [1, 2, 3], whole: true };
  assert.equal(words([1], true, null), "Select all");
  assert.equal(words([1, 2], false, null), "");
  assert.equal(words([1, 2], true, null), "Select all"); // how many they are is being asked
  assert.equal(words([1, 2], true, all), "Select all 3");
  assert.equal(words([1, 2], true, { ...all, whole: false }), "Select the first 3");
  assert.equal(words([1, 2, 3], true, all), "");
  assert.equal(words([1, 2, 4], true, all), "Select all 3"); // as many, but another one
});

test("one part after the other is sent, and every step is told", async () => {
  const steps = [];
  const running = new Running(() => steps.push(running.progress && running.progress.done));
  const sent = [];
  const { rest, error } = await running.run([1, 2, 3, 4, 5], 2, async (part) => sent.push(part));
  assert.deepEqual(sent, [[1, 2], [3, 4], [5]]);
  assert.deepEqual(steps, [0, 2, 4, 5, null]);
  assert.deepEqual([rest, error, running.busy], [[], null, false]);
});

test("what one request can do has no progress, but keeps others away", async () => {
  const running = new Running(() => {});
  await running.run([1], 2, async () => {
    assert.equal(running.progress, null);
    assert.ok(running.busy);
  });
});

test("a request that fails ends it, with what was not done", async () => {
  const running = new Running(() => {});
  const failure = new Failure("no", 500);
  const { rest, error } = await running.run([1, 2, 3, 4, 5], 2, async (part) => {
    if (part[0] === 3) throw failure;
  });
  assert.deepEqual([rest, error, running.busy], [[3, 4, 5], failure, false]);
});

test("a mistake of ours is no failed request", async () => {
  const running = new Running(() => {});
  await assert.rejects(running.run([1], 2, async () => undefined.x), TypeError);
  assert.ok(!running.busy);
});

test("after a failure the rest can be run again", async () => {
  const running = new Running(() => {});
  const { rest } = await running.run([1, 2, 3], 2, async (part) => {
    if (part[0] === 3) throw new Failure("no", 500);
  });
  const sent = [];
  const again = await running.run(rest, 2, async (part) => sent.push(part));
  assert.deepEqual([sent, again], [[[3]], { rest: [], error: null }]);
});

test("stopped, the request on its way is the last one", async () => {
  const running = new Running(() => {});
  const { rest, error } = await running.run([1, 2, 3, 4, 5], 2, async () => running.stop());
  assert.deepEqual([rest, error], [[3, 4, 5], null]);
});

test("answers add up", () => {
  const tally = new Tally();
  tally.add({ changed: [1], same: [2], left: [{ ticket: 3, why: "No." }], events: [7] });
  tally.add({ changed: [4], same: [], left: [], events: [8, 9] });
  assert.deepEqual(tally.settled, [1, 4, 2]);
  assert.deepEqual([tally.count, tally.events], [4, [7, 8, 9]]);
});

test("what was done, what was so already, and what stays for which reason is told", () => {
  const counted = ({ changed = 0, same = 0, left = [] }) => {
    const tally = new Tally();
    tally.add({ changed: Array(changed).fill(1), same: Array(same).fill(2), left: left.map((why) => ({ ticket: 3, why })) });
    return tally;
  };
  const unanswered = "The customer’s last message has no reply.";
  assert.equal(told("close", counted({ changed: 12 })), "12 tickets closed.");
  assert.equal(told("close", counted({ changed: 1, left: [unanswered] })), `1 ticket closed. 1 stays open: ${unanswered}`);
  const mixed = counted({ changed: 2, same: 1, left: ["Gone.", unanswered, unanswered] });
  assert.equal(told("close", mixed), `2 tickets closed. 1 was so already. 2 stay open: ${unanswered} 1 stays open: Gone.`);
  assert.equal(told("assign", counted({ changed: 2 }), "Jonas"), "2 tickets assigned to Jonas.");
  assert.equal(told("assign", counted({ changed: 2 })), "Nobody is assigned to 2 tickets now.");
  assert.equal(told("team", counted({ same: 2 }), "Billing"), "Nothing was changed. 2 were so already.");
  assert.equal(told("snooze", counted({ changed: 1 })), "1 ticket snoozed.");
  assert.equal(told("priority", counted({ changed: 1, left: ["Gone."] }), "high"), "Priority of 1 ticket: high. 1 stays as it is: Gone.");
});

test("progress has the numbers of the language", () => assert.equal(progress(50, 1000), "50 of 1,000"));

test("how far an action came that broke off, and what is not known", () => {
  assert.equal(brokenOff({ done: 50, left: 10, perhaps: 0 }), "50 of 60 tickets are done.");
  assert.equal(brokenOff({ done: 50, left: 1000, perhaps: 50 }), "50 of 1,050 tickets are done, perhaps 50 more.");
});
