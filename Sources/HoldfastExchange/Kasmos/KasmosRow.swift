internal import HoldfastModel

/// A table of a kasmos database: the columns it really has, found by name.
struct KasmosTable {
  let name: String
  private let columns: [String]
  private let places: [String: Int]
  /// Columns that somebody asked for.
  private var known: Set<Int> = []

  init(name: String, columns: [String]) {
    self.name = name
    self.columns = columns
    places = Dictionary(
      columns.enumerated().map { (Self.folded($0.element), $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  var columnNames: [String] { columns }

  /// The place of the first of these columns that the table has.
  mutating func column(_ names: [String]) -> Int? {
    for name in names {
      guard let place = places[Self.folded(name)] else { continue }
      known.insert(place)
      return place
    }
    return nil
  }

  /// The columns that nobody asked for.
  var unknown: [String] { columns.indices.filter { !known.contains($0) }.map { columns[$0] } }

  private static func folded(_ name: String) -> String {
    name.lowercased().replacing("_", with: "")
  }
}

/// Values of a row, turned into what the store keeps; what had to be changed is noted.
struct KasmosRow {
  let values: [ForeignValue]
  /// What the row is, for notes: `task plan-a`.
  var what: String

  func isNull(_ place: Int?) -> Bool {
    guard let place, case .null = values[place] else { return place == nil }
    return true
  }

  func bytes(_ place: Int?) -> [UInt8] {
    guard let place else { return [] }
    switch values[place] {
    case .null: return []
    case .int(let number): return Array("\(number)".utf8)
    case .real(let number): return Array("\(number)".utf8)
    case .bytes(let bytes): return bytes
    }
  }

  /// Text as it is, where it is UTF-8 without U+0000; for names, which are never bent.
  func exactText(_ place: Int?) -> String? {
    let bytes = bytes(place)
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Text of which everything that cannot be kept becomes U+FFFD.
  func text(_ place: Int?, _ column: String, _ notes: inout ImportNotes) -> String {
    if let text = exactText(place) { return text }
    notes.add("\(what): \(column) was not clean UTF-8; what was not became U+FFFD")
    return String(decoding: bytes(place), as: UTF8.self).replacing("\u{0}", with: "\u{FFFD}")
  }

  func number(_ place: Int?, _ column: String, _ notes: inout ImportNotes) -> Int64 {
    guard let place else { return 0 }
    switch values[place] {
    case .null: return 0
    case .int(let number): return number
    case .real(let number):
      if let whole = Int64(exactly: number) { return whole }
    case .bytes(let bytes):
      let text = String(decoding: bytes, as: UTF8.self).trimmed
      if text.isEmpty || text == "false" { return 0 }
      if text == "true" { return 1 }
      if let number = Int64(text) { return number }
    }
    notes.add("\(what): \(column) was no whole number and became 0")
    return 0
  }

  /// A number that counts something.
  func count(_ place: Int?, _ column: String, _ notes: inout ImportNotes) -> Int64 {
    let number = number(place, column, &notes)
    guard number < 0 else { return number }
    notes.add("\(what): \(column) was \(number) and became 0")
    return 0
  }

  func time(_ place: Int?, _ column: String, _ notes: inout ImportNotes) -> Timestamp? {
    guard let place else { return nil }
    let read =
      switch values[place] {
      case .null: ForeignTime.Read(time: nil)
      case .int(let number): ForeignTime.read(number)
      case .real(let number): ForeignTime.read(number)
      case .bytes(let bytes): ForeignTime.read(String(decoding: bytes, as: UTF8.self))
      }
    if let read { return read.time }
    notes.add("\(what): \(column) was no time that can be kept, and was left unset")
    return nil
  }
}
