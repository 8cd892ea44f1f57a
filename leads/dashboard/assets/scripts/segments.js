// The same count as leads/segments.py: what a text costs, by the carrier's rules.

const GSM7 = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€"); // each is sent as an escape and a character

/** {count, units, forcing}: `forcing` is the first character that GSM-7 does not have. */
export function segments(body) {
  const characters = [...body];
  const forcing = characters.find((c) => !GSM7.has(c) && !EXTENSION.has(c)) ?? null;
  const sizes = characters.map((c) => (forcing ? c.length : EXTENSION.has(c) ? 2 : 1));
  const [alone, joined] = forcing ? [70, 67] : [160, 153];
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= alone) return { count: units ? 1 : 0, units, forcing };
  let [count, filled] = [1, 0];
  for (const size of sizes) {
    if (filled + size > joined) [count, filled] = [count + 1, 0];
    filled += size;
  }
  return { count, units, forcing };
}
