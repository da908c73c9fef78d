import { expect, test } from "bun:test";
import {
  bodyOf,
  bytesOfBase64,
  editable,
  faultInJson,
} from "../../../../src/api/dashboard/page/view/values";

test("a text is edited as text, anything else as JSON, bytes not at all", () => {
  expect(editable({ value: "plain" })).toEqual({ form: "text", text: "plain" });
  expect(editable({ value: null })).toEqual({ form: "json", text: "null" });
  expect(editable({ value: { a: [1] } })?.text).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(editable({ value: "AAEC", encoding: "base64" })).toBeNull();
});

test("what is shown is what is sent back, unless it is edited", () => {
  for (const value of ["plain", '"quoted"', 7, null, true, { a: "b" }, [1, "2"]]) {
    const shown = editable({ value });
    expect(shown && JSON.parse(bodyOf(shown))).toEqual(value);
  }
});

test("bytes are counted without being decoded", () => {
  for (const length of [0, 1, 2, 3, 100]) {
    expect(bytesOfBase64(new Uint8Array(length).toBase64())).toBe(length);
  }
});

test("a fault in JSON is told, a text without one has none", () => {
  expect(faultInJson('{"a":1}')).toBeNull();
  expect(faultInJson("{a}")).toBeString();
});
