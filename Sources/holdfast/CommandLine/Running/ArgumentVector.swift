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
    }
    return words
  }
}
