/// Short names for files, branches and addresses.
public enum Slug {
  /// Returns the git branch of a plan's work, where nobody names one.
  ///
  ///     Slug.planBranch(of: "My Cool Feature!")  // "plan/my-cool-feature"
  public static func planBranch(of name: String) -> String { "plan/" + reslug(name) }

  /// Returns `text` as a slug of `a-z`, `0-9` and `-`, as a rename does.
  ///
  ///     Slug.reslug("My Cool Feature!")  // "my-cool-feature"
  ///
  /// ASCII letters become lower-case, every run of other characters becomes one `-`, and none
  /// stays at the ends. So the result may be empty; it never ends in `.md`.
  public static func reslug(_ text: String) -> String {
    var slug: [UInt8] = []
    slug.reserveCapacity(text.utf8.count)
    var isGap = false
    for byte in text.utf8 {
      let letter: UInt8
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        letter = byte
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        letter = byte | 0x20
      default:
        isGap = true
        continue
      }
      if isGap && !slug.isEmpty { slug.append(UInt8(ascii: "-")) }
      isGap = false
      slug.append(letter)
    }
    return String(decoding: slug, as: UTF8.self)
  }
}
