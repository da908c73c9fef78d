import { expect, test } from "bun:test";
import { chooseSpokesman } from "../../../../src/api/dashboard/page/view/spokesman";

const OWN = "";
const SECOND = "http://two";
const THIRD = "http://three";
const heard = (...origins: readonly string[]) =>
  [OWN, SECOND, THIRD].map((origin, at) => ({
    id: at + 1,
    origin,
    isFresh: origins.includes(origin),
  }));

test("the page's own node speaks whenever it is heard", () => {
  expect(chooseSpokesman(heard(OWN, SECOND), OWN, false)).toBe(OWN);
  expect(chooseSpokesman(heard(OWN, SECOND), SECOND, false)).toBe(OWN);
});

test("another speaks once it is not, and goes on while it is heard itself", () => {
  expect(chooseSpokesman(heard(SECOND, THIRD), OWN, false)).toBe(SECOND);
  expect(chooseSpokesman(heard(SECOND, THIRD), THIRD, false)).toBe(THIRD);
});

test("one that has just not answered is passed over, though it seems alive", () => {
  expect(chooseSpokesman(heard(OWN, SECOND), OWN, true)).toBe(SECOND);
});

test("where none is heard, each is asked in turn", () => {
  expect(chooseSpokesman(heard(), OWN, false)).toBe(OWN);
  expect(chooseSpokesman(heard(), OWN, true)).toBe(SECOND);
  expect(chooseSpokesman(heard(), THIRD, true)).toBe(OWN);
});
