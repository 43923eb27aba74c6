import type { JobType } from '#model/job-type.ts'

/** The part of a job type that every Scale answer about it shares, in the documented order. */
export function toJobTypeBase(type: JobType) {
  return {
    id: type.id,
    name: type.name,
    version: type.version,
    title: type.title,
    description: type.description,
    is_active: type.isActive,
    is_paused: type.isPaused,
    is_system: type.isSystem,
    is_published: type.isPublished,
    icon_code: type.iconCode,
    unmet_resources: type.unmetResources,
  }
}
