import HoldfastModel

/// The syntax of the URLs that name a store.
enum StoreURL {
  typealias Flaw = StoreLocation.Flaw

  /// The scheme of a URL; nil for a path.
  static func scheme(of text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.first, first.isASCII, first.isLetter else { return nil }
    let isScheme = scheme.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber || "+.-".contains(character))
    }
    return isScheme ? String(scheme) : nil
  }

  /// The path of a `sqlite:` or `json:` URL, with its percent signs decoded.
  static func path(_ rest: Substring, scheme: String) throws(Flaw) -> String {
    var rest = rest
    if rest.hasPrefix("//") {
      rest = rest.dropFirst(2)
      guard rest.hasPrefix("/") else {
        throw Flaw("names a host; write \(scheme):/path or \(scheme):path")
      }
    }
    guard !rest.contains("?"), !rest.contains("#") else {
      throw Flaw("takes nothing behind ? or #; in a path they are written as %3F and %23")
    }
    guard let path = decoded(rest) else { throw Flaw("has a percent sign without two hex digits") }
    guard !path.utf8.contains(0) else { throw Flaw("must not contain control characters") }
    return path
  }

  /// A `postgresql:` URL; what libpq reads in it is left to libpq.
  static func postgresql(_ rest: Substring) throws(Flaw) -> String {
    guard rest.hasPrefix("//") else { throw Flaw("must begin with postgresql://") }
    guard !rest.contains(" ") else { throw Flaw("must not contain spaces; write %20") }
    guard decoded(rest) != nil else { throw Flaw("has a percent sign without two hex digits") }
    let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
    // Else what is taken for a port, and shown, may be the start of a password.
    guard authority.contains("@") || !rest.prefix(while: { $0 != "?" }).contains("@") else {
      throw Flaw("must not have / ? or # in a user or password; write %2F, %3F or %23")
    }
    let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    for host in (hosts ?? authority).split(separator: ",") { _ = try hostAndPort(host) }
    return "postgresql:\(rest)"
  }

  /// An `http:` or `https:` URL, with its scheme in lower case and without a slash at its end.
  static func web(_ rest: Substring, scheme: String) throws(Flaw) -> String {
    guard rest.hasPrefix("//") else { throw Flaw("must begin with \(scheme)://") }
    var rest = rest.dropFirst(2)
    guard !rest.contains(" ") else { throw Flaw("must not contain spaces") }
    guard !rest.contains("?"), !rest.contains("#") else {
      throw Flaw("must not have a part behind ? or #")
    }
    guard decoded(rest) != nil else { throw Flaw("has a percent sign without two hex digits") }
    while rest.hasSuffix("/") { rest = rest.dropLast() }
    let authority = rest.prefix { $0 != "/" }
    guard !authority.contains("@") else {
      throw Flaw("must not hold a user name or a password")
    }
    guard try !hostAndPort(authority).isEmpty else { throw Flaw("names no host") }
    return "\(scheme)://\(rest)"
  }

  /// Checks `host`, `host:port`, `[address]` or `[address]:port` and returns the host.
  private static func hostAndPort(_ text: Substring) throws(Flaw) -> Substring {
    var host = text
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]"), BindAddress.family(text.dropFirst()[..<end]) == 6
      else { throw Flaw("has an address in brackets that is not an IPv6 address") }
      host = text[...end]
      let behind = text[text.index(after: end)...]
      guard behind.isEmpty || behind.hasPrefix(":") else {
        throw Flaw("has something between the address and the port")
      }
      port = behind.isEmpty ? nil : behind.dropFirst()
    } else if let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    if let port {
      let isNumber = !port.isEmpty && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
      guard isNumber, let number = Int(port), (1...65_535).contains(number) else {
        throw Flaw("has the port \"\(port)\", which is not a number from 1 to 65535")
      }
    }
    let isHost = host.hasPrefix("[") || host.unicodeScalars.allSatisfy(isHostScalar)
    guard isHost else { throw Flaw("has the host \"\(host)\", which is not a name or an address") }
    return host
  }

  private static func isHostScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "%", "~": true
    default: false
    }
  }

  /// A text with its percent signs decoded; nil when that is not UTF-8, or a sign stands alone.
  static func decoded(_ text: Substring) -> String? {
    PercentEncoding.bytes(text.utf8).flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// A URL whose password is replaced by asterisks.
  static func redacted(_ text: String) -> String {
    guard let scheme = scheme(of: text), text.dropFirst(scheme.count).hasPrefix("://") else {
      return text
    }
    let start = text.index(text.startIndex, offsetBy: scheme.count + 3)
    let authority = text[start...].prefix { !"/?#".contains($0) }
    var result = text
    if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
      result.replaceSubrange(text.index(after: colon)..<at, with: "***")
    }
    return redactedParameters(result)
  }

  /// Replaces `password=` and `sslpassword=` among the parameters, which libpq takes there, too.
  private static func redactedParameters(_ text: String) -> String {
    guard let mark = text.firstIndex(of: "?") else { return text }
    let parameters = text[text.index(after: mark)...].split(
      separator: "&", omittingEmptySubsequences: false
    ).map { parameter -> String in
      let name = parameter.prefix { $0 != "=" }
      return name.lowercased().hasSuffix("password") ? "\(name)=***" : String(parameter)
    }
    return text[...mark] + parameters.joined(separator: "&")
  }
}
