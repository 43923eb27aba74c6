import { isObject, type Json } from '#model/json.ts'
import { type Amounts, noAmounts } from '#model/node-fit.ts'

/** What is written of an allocation's holdings; ports are left out where there are none. */
export function amountsColumn({ ports, ...measures }: Amounts): Json {
  return { ...measures, ...(ports.length === 0 ? {} : { ports: [...ports] }) }
}

/** The holdings that a column tells; null holds nothing. */
export function amountsOfColumn(column: Json | null): Amounts {
  if (!isObject(column)) return noAmounts
  const { cpu, memoryMb, diskMb, iops, ports } = column
  const measures = { cpu: Number(cpu), memoryMb: Number(memoryMb), diskMb: Number(diskMb), iops: Number(iops) }
  return { ...measures, ports: Array.isArray(ports) ? ports.map(Number) : [] }
}
