private import Glibc
import HoldfastModel

/// The words that this process was started with.
enum ArgumentVector {
  /// Reads the words, the name of the program first.
  ///
  /// The standard library repairs what is not UTF-8, and a repaired name would be another one.
  /// - Throws: ``HoldfastError`` with code `usage` when a word is not UTF-8.
  static func current() throws(HoldfastError) -> [String] {
    var words: [String] = []
    for index in 0..<Int(CommandLine.argc) {
      guard let pointer = CommandLine.unsafeArgv[index] else { break }
      guard let word = String(validatingCString: pointer) else {
        throw HoldfastError(
          .usage, "argument \(index) is not valid UTF-8: \"\(String(cString: pointer))\"")
      }
      words.append(word)
      hidePassword(in: word, at: pointer)
    }
    return words
  }

  /// Covers the password of a database's URL, so that lists of processes do not show it.
  private static func hidePassword(in word: String, at place: UnsafeMutablePointer<CChar>) {
    let count = word.utf8.count
    for scheme in ["postgresql://", "postgres://"] {
      guard let start = word.firstRange(of: scheme)?.lowerBound else { continue }
      let shown = word[..<start] + StoreURL.redacted(String(word[start...]))
      guard shown != word else { return }
      let bytes = Array(shown.utf8.prefix(count))
      for index in 0..<count {
        place[index] = index < bytes.count ? CChar(bitPattern: bytes[index]) : 0
      }
      return
    }
  }
}
