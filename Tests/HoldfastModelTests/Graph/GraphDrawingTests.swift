import HoldfastModel
import Testing

/// Graphs as other programs draw them.
@Suite struct GraphDrawingTests {
  private func drawing(title: String) -> GraphDrawing {
    var drawing = GraphDrawing()
    drawing.nodes = [
      .init(id: "a1", title: title, status: "pending", category: .open, isCritical: true),
      .init(id: "b2", title: "B", status: "completed", category: .done, isCritical: false),
    ]
    drawing.edges = [
      .init(from: 0, to: 1, type: "blocks", isBlocking: true),
      .init(from: 0, to: 1, type: "see-also", isBlocking: false),
      .init(from: 1, to: 0, type: "contains", isBlocking: false),
    ]
    return drawing
  }

  @Test func `Mermaid gets a flowchart with a class for each status`() {
    let lines = drawing(title: "A").mermaid.split(separator: "\n")
    #expect(lines.first == "flowchart TD")
    #expect(lines.contains(#"  t0["a1 A (pending)"]:::open"#))
    #expect(lines.contains(#"  t1["b2 B (completed)"]:::done"#))
    #expect(lines.contains("  t0 --> t1"))
    #expect(lines.contains("  t0 -.->|see-also| t1"))
    #expect(lines.contains("  t1 ---|contains| t0"))
    #expect(lines.contains("  class t0 critical"))
  }

  @Test func `Graphviz gets a digraph`() {
    let lines = drawing(title: "A").dot.split(separator: "\n")
    #expect(lines.first == "digraph tasks {" && lines.last == "}")
    #expect(
      lines.contains(
        ##"  t0 [label="a1 A\n(pending)", class="open", fillcolor="#ffffff", penwidth=3]"##))
    #expect(lines.contains("  t0 -> t1"))
    #expect(lines.contains(#"  t0 -> t1 [label="see-also", style=dashed]"#))
    #expect(lines.contains(#"  t1 -> t0 [label="contains", arrowhead=none, style=dashed]"#))
  }

  @Test(arguments: [
    #"a"] --> x["b"#, "a\nb", "end\"; drop", "<img src=x>", "`x` #quot; ;", "\\", "\u{1}",
  ])
  func `a title ends no label`(title: String) {
    let mermaid = drawing(title: title).mermaid
    let line = mermaid.split(separator: "\n").first { $0.hasPrefix("  t0[") } ?? ""
    #expect(line.hasPrefix("  t0[\"") && line.hasSuffix(" (pending)\"]:::open"), "\(line)")
    let label = line.dropFirst(6).dropLast(#""]:::open"#.count)
    #expect(!label.contains { "\"[]<>`\n".contains($0) }, "\(label)")
    let dot =
      drawing(title: title).dot.split(separator: "\n").first { $0.hasPrefix("  t0 [") } ?? ""
    let end = ##"\n(pending)", class="open", fillcolor="#ffffff", penwidth=3]"##
    #expect(dot.hasSuffix(end), "\(dot)")
    // Without what is escaped no quote is left inside the label.
    let inside = dot.dropFirst(#"  t0 [label=""#.count).dropLast(end.count)
    #expect(!inside.replacing(#"\\"#, with: "").replacing(#"\""#, with: "").contains("\""))
  }
}
