/// A graph of tasks as other programs draw it.
public enum GraphFormat: String, CaseIterable, Sendable, Choice {
  /// Values, nothing drawn.
  case json
  /// A flowchart of Mermaid.
  case mermaid
  /// A digraph of Graphviz.
  case dot
}

/// What is drawn of a graph of tasks.
public struct GraphDrawing: Sendable {
  public var nodes: [Node] = []
  public var edges: [Edge] = []

  public init() {}

  /// A task.
  public struct Node: Sendable {
    public let id: String
    public let title: String
    public let status: String
    public let category: StatusCategory
    /// Whether it is on the longest chain.
    public let isCritical: Bool

    public init(
      id: String, title: String, status: String, category: StatusCategory, isCritical: Bool
    ) {
      self.id = id
      self.title = title
      self.status = status
      self.category = category
      self.isCritical = isCritical
    }
  }

  /// An edge by the places of its ends.
  public struct Edge: Sendable {
    public let from: Int
    public let to: Int
    /// What it says: a type of dependency, `contains`, or `then` from a sibling to those behind it.
    public let type: String
    /// Whether the second waits for the first.
    public let isBlocking: Bool

    public init(from: Int, to: Int, type: String, isBlocking: Bool) {
      self.from = from
      self.to = to
      self.type = type
      self.isBlocking = isBlocking
    }
  }

  private static let colours: [(category: StatusCategory, fill: String)] = [
    (.open, "#ffffff"), (.active, "#cfe8ff"), (.waiting, "#fff2cc"), (.done, "#d5f0d5"),
    (.failed, "#ffd6d6"), (.cancelled, "#e6e6e6"),
  ]

  /// As Mermaid draws it.
  ///
  /// Ids and titles stand only inside of quotes, escaped.
  public var mermaid: String {
    var text = "flowchart TD\n"
    for (place, node) in nodes.enumerated() {
      let label = Self.html("\(node.id) \(node.title) (\(node.status))")
      text += "  t\(place)[\"\(label)\"]:::\(node.category.name)\n"
    }
    for edge in edges {
      let arrow = edge.type == "contains" ? "---" : edge.isBlocking ? "-->" : "-.->"
      let label = edge.type == "blocks" ? "" : "|\(Self.html(edge.type))|"
      text += "  t\(edge.from) \(arrow)\(label) t\(edge.to)\n"
    }
    for (category, fill) in Self.colours {
      text += "  classDef \(category.name) fill:\(fill),stroke:#333,color:#000\n"
    }
    let critical = nodes.indices.filter { nodes[$0].isCritical }
    if !critical.isEmpty {
      text += "  classDef critical stroke-width:3px\n"
      text += "  class \(critical.map { "t\($0)" }.joined(separator: ",")) critical\n"
    }
    return text
  }

  /// As Graphviz draws it.
  public var dot: String {
    var text = "digraph tasks {\n  node [shape=box, style=filled]\n"
    for (place, node) in nodes.enumerated() {
      let fill = Self.colours.first { $0.category == node.category }?.fill ?? "#ffffff"
      let pen = node.isCritical ? ", penwidth=3" : ""
      text +=
        "  t\(place) [label=\(Self.quoted("\(node.id) \(node.title)\n(\(node.status))")), "
        + "class=\"\(node.category.name)\", fillcolor=\"\(fill)\"\(pen)]\n"
    }
    for edge in edges {
      var marks: [String] = []
      if edge.type != "blocks" { marks.append("label=\(Self.quoted(edge.type))") }
      if edge.type == "contains" { marks.append("arrowhead=none") }
      if !edge.isBlocking { marks.append("style=dashed") }
      text +=
        "  t\(edge.from) -> t\(edge.to)"
        + (marks.isEmpty ? "\n" : " [\(marks.joined(separator: ", "))]\n")
    }
    return text + "}\n"
  }

  /// Letters, digits and a few harmless marks as they are, anything else as Mermaid's entity of its number.
  private static func html(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " .,:/()_+!?-".unicodeScalars.contains(scalar)
        ? String(scalar) : scalar.value < 0x20 ? " " : "#\(scalar.value);"
    }.joined()
  }

  /// A text as Graphviz reads it inside of quotes.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      default: quoted += scalar.value < 0x20 ? " " : String(scalar)
      }
    }
    return quoted + "\""
  }
}
