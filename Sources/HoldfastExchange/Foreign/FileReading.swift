internal import Glibc
internal import HoldfastModel

/// Plain files of other programs.
enum FileReading {
  /// What an import holds of one file at most.
  static let sizeMax: Int64 = 4 * 1024 * 1024 * 1024

  static func size(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }

  /// Whether reading it comes to an end: not so of a pipe, say.
  ///
  /// - Throws: ``HoldfastError`` when nothing is there.
  static func isFile(_ path: String) throws -> Bool {
    guard let kind = kind(path) else { throw failure(path) }
    return kind == S_IFREG
  }

  private static func kind(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// Size and time of the last change, in words that differ when they do.
  static func state(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "none" }
    return "\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }

  /// When a regular file was changed last; nil for everything else, links included.
  static func changeTime(_ path: String) -> Timestamp? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let (seconds, overflow) = Int64(status.st_mtim.tv_sec)
      .multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : Timestamp(nanoseconds: seconds &+ Int64(status.st_mtim.tv_nsec))
  }

  /// The first bytes of a file.
  static func start(of path: String, count: Int) throws -> [UInt8] {
    try reading(path) { file in
      var bytes = [UInt8](repeating: 0, count: count)
      let read = fread(&bytes, 1, count, file)
      return Array(bytes[..<read])
    }
  }

  /// All bytes of a file.
  ///
  /// - Throws: ``HoldfastError`` for one larger than `max` bytes.
  static func all(_ path: String, max: Int64 = sizeMax) throws -> [UInt8] {
    guard size(path) <= max else {
      throw HoldfastError(.tooLarge, "the file \(path) is larger than \(max) bytes")
    }
    return try reading(path) { file in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(Int(size(path)))
      var buffer = [UInt8](repeating: 0, count: 256 * 1024)
      while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes += buffer[..<count]
        guard bytes.count <= max else {
          throw HoldfastError(.tooLarge, "the file \(path) is larger than \(max) bytes")
        }
      }
      guard ferror(file) == 0 else { throw failure(path) }
      return bytes
    }
  }

  /// Copies a file; one that is there already is replaced.
  static func copy(_ source: String, to target: String) throws {
    try reading(source) { input in
      guard let output = fopen(target, "wbe") else { throw failure(target) }
      var isGood = true
      var buffer = [UInt8](repeating: 0, count: 256 * 1024)
      while isGood {
        let count = fread(&buffer, 1, buffer.count, input)
        if count == 0 { break }
        isGood = fwrite(buffer, 1, count, output) == count
      }
      isGood = fclose(output) == 0 && isGood && ferror(input) == 0
      guard isGood else { throw failure(target) }
    }
  }

  /// The names in a folder, sorted by bytes; empty when there is none.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { UTF8Order.precedes($0, $1) }
  }

  private static func reading<R>(_ path: String, _ body: (UnsafeMutablePointer<FILE>) throws -> R)
    throws -> R
  {
    guard let file = fopen(path, "rbe") else { throw failure(path) }
    defer { fclose(file) }
    return try body(file)
  }

  private static func failure(_ path: String) -> HoldfastError {
    HoldfastError(
      errno == ENOENT ? .notFound : errno == ENOSPC ? .storageFull : .invalidRequest,
      "the file \(path) cannot be used: \(String(cString: strerror(errno)))")
  }
}
