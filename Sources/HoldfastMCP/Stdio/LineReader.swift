private import Glibc

/// Lines of a descriptor, none of which takes more memory than allowed.
struct LineReader {
  /// One line without its end.
  enum Line {
    case whole([UInt8])
    /// A line beyond the limit; it is read away.
    case tooLong
  }

  private let descriptor: Int32
  private let bytesMax: Int
  private var buffer: [UInt8] = []
  private var searched = 0
  private var isSkipping = false
  private var hasEnded = false

  init(descriptor: Int32, bytesMax: Int) {
    self.descriptor = descriptor
    self.bytesMax = bytesMax
  }

  /// The next line; nil at the end of the input.
  ///
  /// What stands behind the last newline is a line, too.
  mutating func next() -> Line? {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[..<end])
        buffer.removeFirst(end + 1)
        searched = 0
        if isSkipping {
          isSkipping = false
          continue
        }
        return .whole(line)
      }
      searched = buffer.count
      if buffer.count > bytesMax {
        buffer.removeAll(keepingCapacity: false)
        searched = 0
        if !isSkipping {
          isSkipping = true
          return .tooLong
        }
      }
      if hasEnded {
        defer { buffer = [] }
        searched = 0
        return buffer.isEmpty || isSkipping ? nil : .whole(buffer)
      }
      readOn()
    }
  }

  private mutating func readOn() {
    let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { block in
      let count = read(descriptor, block.baseAddress, block.count)
      if count > 0 { buffer.append(contentsOf: block[..<count]) }
      return count
    }
    if count < 0, errno == EINTR { return }
    if count <= 0 { hasEnded = true }
  }
}
