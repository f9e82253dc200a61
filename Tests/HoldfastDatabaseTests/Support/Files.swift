import CSystem
import Glibc

/// The bytes of a file; nil when there is none.
func bytes(of path: String) -> [UInt8]? {
  let descriptor = holdfast_open(path, O_RDONLY, 0)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return bytes }
    bytes += buffer[..<count]
  }
}

/// Makes a file with these bytes, or changes those of one that is there.
func write(_ bytes: [UInt8], to path: String) {
  let descriptor = holdfast_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  defer { close(descriptor) }
  var written = 0
  while written < bytes.count {
    let count = bytes[written...].withUnsafeBytes {
      Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    guard count > 0 else { fatalError("\(path) cannot be written") }
    written += count
  }
}

func copyFile(_ source: String, to target: String) {
  write(bytes(of: source) ?? [], to: target)
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// A file's permissions.
func mode(of path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}
