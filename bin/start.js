// Plain JavaScript on purpose: an old Node cannot read TypeScript, but it can read this and say so.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Jobgraph needs Node 24 or later, and this is Node ${process.versions.node}. "npm start" brings its own.`,
  )
  process.exit(1)
}
await import('../src/main.ts')
