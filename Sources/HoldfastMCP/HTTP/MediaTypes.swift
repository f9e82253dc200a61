/// Media types in headers (RFC 9110, sections 8.3 and 12.5.1).
enum MediaTypes {
  /// The type without its parameters, in lower case.
  static func type(_ header: String) -> String {
    String(header.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }).lowercased()
  }

  /// Whether `Accept` headers allow a type; none allows all.
  static func accepts(_ type: String, _ headers: [String]) -> Bool {
    guard !headers.isEmpty else { return true }
    let family = type.prefix { $0 != "/" } + "/*"
    return headers.flatMap { $0.split(separator: ",") }.contains { range in
      let parts = range.split(separator: ";")
      let name = Self.type(String(parts.first ?? ""))
      let isRefused = parts.dropFirst().contains {
        let weight = $0.filter { $0 != " " }.lowercased()
        return weight.hasPrefix("q=") && Double(weight.dropFirst(2)) == 0
      }
      return !isRefused && (name == type || name == family || name == "*/*")
    }
  }
}
