/** One of a few, side by side: radio buttons, so that arrow keys move between them. */
interface ChoiceParts<Value extends string | number> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  readonly chosen: Value;
  readonly onChoose: (value: Value) => void;
}

export function Choice<Value extends string | number>(parts: ChoiceParts<Value>) {
  const { chosen, label, onChoose, options } = parts;
  const name = `choice-${label.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {options.map(({ title, value }) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === chosen}
            onChange={() => onChoose(value)}
          />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
