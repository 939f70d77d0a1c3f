// Text for the generated pages: tables, and escapes, so that no text of a test becomes markup.

/**
 * A table.
 *
 * @param {readonly unknown[]} head - The cells of its head.
 * @param {readonly (readonly unknown[])[]} lines - The cells of its rows.
 */
export function table(head, lines) {
  const rows = [head, head.map(() => "---"), ...lines];
  return `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

/** Escapes a text. Code spans stay as they are; outside them nothing becomes markup. A bar would end a table cell even inside a span. */
export function markdown(text) {
  const parts = text.replaceAll(/\s+/g, " ").split(/(`[^`]*`)/);
  const escaped = parts.map((part, index) =>
    index % 2 === 1 ? part : part.replaceAll(/[\\*_<>[\]`]/g, String.raw`\$&`),
  );
  return escaped.join("").replaceAll("|", String.raw`\|`);
}

/**
 * The members of each group, in the order in which the groups begin.
 *
 * @template Item, Key
 * @param {readonly Item[]} items
 * @param {(item: Item) => Key} keyOf
 * @returns {Map<Key, Item[]>}
 */
export function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const members = groups.get(keyOf(item));
    if (members === undefined) groups.set(keyOf(item), [item]);
    else members.push(item);
  }
  return groups;
}
