import { extname } from 'node:path'

const byExtension: Readonly<Record<string, string>> = {
  '.avi': 'video/x-msvideo',
  '.bmp': 'image/bmp',
  '.bz2': 'application/x-bzip2',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.geojson': 'application/geo+json',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.h5': 'application/x-hdf5',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.kml': 'application/vnd.google-earth.kml+xml',
  '.kmz': 'application/vnd.google-earth.kmz',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.nc': 'application/x-netcdf',
  '.nitf': 'image/nitf',
  '.ntf': 'image/nitf',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.shp': 'application/x-shapefile',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.tsv': 'text/tab-separated-values',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.zip': 'application/zip',
}

/** The media type that a file's name suggests; `application/octet-stream` where it suggests none. */
export function mediaTypeOf(fileName: string): string {
  const extension = extname(fileName).toLowerCase()
  return (Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined) ?? 'application/octet-stream'
}
