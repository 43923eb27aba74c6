/** How Nomad says that several things are wrong: a list in a list where a part holds several faults of its own. */

/** Joins faults as Nomad does, `N error(s) occurred:` and a line for each; null where there are none. */
export function multiError(faults: readonly string[]): string | null {
  if (faults.length === 0) return null
  return `${faults.length} error(s) occurred:\n\n${faults.map((fault) => `* ${fault}`).join('\n')}`
}

/** The faults of each part that has any, introduced by words that name the part; `index` counts from 0. */
export function faultsOfEach<T>(
  parts: readonly T[] | null,
  faultsOf: (part: T) => readonly string[],
  introduction: (index: number, part: T) => string,
): string[] {
  return (parts ?? []).flatMap((part, index) => {
    const inner = multiError(faultsOf(part))
    return inner === null ? [] : [`${introduction(index, part)}: ${inner}`]
  })
}

/** Keeps the faults whose condition holds. */
export function faultsWhere(...checks: readonly (readonly [wrong: boolean, fault: string])[]): string[] {
  return checks.filter(([wrong]) => wrong).map(([, fault]) => fault)
}
