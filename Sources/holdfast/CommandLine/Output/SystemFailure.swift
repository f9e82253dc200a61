private import Glibc

/// The sentences of the system for its error numbers.
enum SystemFailure {
  /// The sentence for an `errno`, such as "No such file or directory".
  static func sentence(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return buffer.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? "error \(number)"
    }
  }
}
